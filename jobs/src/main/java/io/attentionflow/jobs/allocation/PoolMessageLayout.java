package io.attentionflow.jobs.allocation;

import static io.attentionflow.jobs.allocation.EngineFields.readPrediction;
import static io.attentionflow.jobs.allocation.EngineFields.readResources;
import static io.attentionflow.jobs.allocation.EngineFields.readTask;
import static io.attentionflow.jobs.allocation.EngineFields.writePrediction;
import static io.attentionflow.jobs.allocation.EngineFields.writeResources;
import static io.attentionflow.jobs.allocation.EngineFields.writeTask;
import static io.attentionflow.jobs.layout.Fields.readInstant;
import static io.attentionflow.jobs.layout.Fields.readInt;
import static io.attentionflow.jobs.layout.Fields.readName;
import static io.attentionflow.jobs.layout.Fields.readOptionalText;
import static io.attentionflow.jobs.layout.Fields.readSharedText;
import static io.attentionflow.jobs.layout.Fields.readText;
import static io.attentionflow.jobs.layout.Fields.writeInstant;
import static io.attentionflow.jobs.layout.Fields.writeInt;
import static io.attentionflow.jobs.layout.Fields.writeName;
import static io.attentionflow.jobs.layout.Fields.writeOptionalText;
import static io.attentionflow.jobs.layout.Fields.writeText;

import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.jobs.layout.Frames;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a {@link PoolMessage} goes to {@code allocate}: all events that come through a topic. */
public enum PoolMessageLayout implements Layout<PoolMessage> {
  INSTANCE;

  private static final int SUBMITTED = 1;
  private static final int CANCELLED = 2;
  private static final int STARTED = 3;
  private static final int STOPPED = 4;
  private static final int JOINED = 5;
  private static final int HEARTBEAT = 6;
  private static final int DRAINING = 7;
  private static final int LEFT = 8;
  private static final int PREDICTED = 9;

  @Override
  public Class<PoolMessage> type() {
    return PoolMessage.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(PoolMessage message, DataOutputView out) throws IOException {
    Frames.write(out, frame -> writeFields(message, frame));
  }

  private static void writeFields(PoolMessage message, DataOutputView out) throws IOException {
    message.origin().writeTo(out);
    writeText(message.pool(), out);
    PoolEvent event = message.event();
    writeInstant(event.at(), out);
    if (event instanceof PoolEvent.TaskSubmitted submitted) {
      out.writeByte(SUBMITTED);
      writeTask(submitted.task(), out);
      writePrediction(submitted.prediction(), out);
    } else if (event instanceof PoolEvent.TasksPredicted predicted) {
      out.writeByte(PREDICTED);
      writeInt(predicted.predictions().size(), out);
      for (Map.Entry<String, Prediction> prediction : predicted.predictions().entrySet()) {
        writeText(prediction.getKey(), out);
        writePrediction(prediction.getValue(), out);
      }
    } else if (event instanceof PoolEvent.TaskCancelled cancelled) {
      out.writeByte(CANCELLED);
      writeText(cancelled.taskId(), out);
    } else if (event instanceof PoolEvent.TaskStarted started) {
      out.writeByte(STARTED);
      writeShard(started.taskId(), started.generation(), started.shard(), started.nodeId(), out);
    } else if (event instanceof PoolEvent.TaskStopped stopped) {
      out.writeByte(STOPPED);
      writeShard(stopped.taskId(), stopped.generation(), stopped.shard(), stopped.nodeId(), out);
      writeName(stopped.outcome(), out);
    } else if (event instanceof PoolEvent.NodeJoined joined) {
      out.writeByte(JOINED);
      writeText(joined.nodeId(), out);
      writeResources(joined.capacity(), out);
      writeOptionalText(joined.gpuModel(), out);
    } else if (event instanceof PoolEvent.NodeHeartbeat heartbeat) {
      out.writeByte(HEARTBEAT);
      writeText(heartbeat.nodeId(), out);
      writeResources(heartbeat.capacity(), out);
      writeResources(heartbeat.usage(), out);
      writeOptionalText(heartbeat.gpuModel(), out);
    } else if (event instanceof PoolEvent.NodeDraining draining) {
      out.writeByte(DRAINING);
      writeText(draining.nodeId(), out);
    } else if (event instanceof PoolEvent.NodeLeft left) {
      out.writeByte(LEFT);
      writeText(left.nodeId(), out);
    } else {
      // PolicyChanged and TimePassed are made in allocate itself.
      throw new IllegalStateException("No case for " + event);
    }
  }

  private static void writeShard(
      String taskId, int generation, int shard, String nodeId, DataOutputView out)
      throws IOException {
    writeText(taskId, out);
    writeInt(generation, out);
    writeInt(shard, out);
    writeText(nodeId, out);
  }

  @Override
  public PoolMessage read(int version, DataInputView in) throws IOException {
    return readFields(Frames.read(in));
  }

  private static PoolMessage readFields(DataInputView in) throws IOException {
    Origin origin = Origin.readFrom(in);
    String pool = readSharedText(in);
    var at = readInstant(in);
    int kind = in.readByte();
    PoolEvent event =
        switch (kind) {
          case SUBMITTED -> new PoolEvent.TaskSubmitted(readTask(in), readPrediction(in), at);
          case PREDICTED -> new PoolEvent.TasksPredicted(readPredictions(in), at);
          case CANCELLED -> new PoolEvent.TaskCancelled(readText(in), at);
          case STARTED ->
              new PoolEvent.TaskStarted(
                  readText(in), readInt(in), readInt(in), readSharedText(in), at);
          case STOPPED ->
              new PoolEvent.TaskStopped(
                  readText(in),
                  readInt(in),
                  readInt(in),
                  readSharedText(in),
                  readName(PoolEvent.Outcome.class, in),
                  at);
          case JOINED ->
              new PoolEvent.NodeJoined(
                  readSharedText(in), readResources(in), readOptionalText(in), at);
          case HEARTBEAT ->
              new PoolEvent.NodeHeartbeat(
                  readSharedText(in),
                  readResources(in),
                  readResources(in),
                  readOptionalText(in),
                  at);
          case DRAINING -> new PoolEvent.NodeDraining(readText(in), at);
          case LEFT -> new PoolEvent.NodeLeft(readText(in), at);
          default -> throw new IOException("No event of kind " + kind);
        };
    return new PoolMessage(origin, pool, event);
  }

  private static SortedMap<String, Prediction> readPredictions(DataInputView in)
      throws IOException {
    SortedMap<String, Prediction> predictions = new TreeMap<>();
    int size = readInt(in);
    for (int i = 0; i < size; i++) {
      predictions.put(readText(in), readPrediction(in));
    }
    return predictions;
  }
}
