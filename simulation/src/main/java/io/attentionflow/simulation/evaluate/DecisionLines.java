package io.attentionflow.simulation.evaluate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.Decision;
import io.attentionflow.allocation.Decision.NodeScore;
import io.attentionflow.allocation.Displacement;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.Reason;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.ShardPlacement;
import io.attentionflow.allocation.TaskSize;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes decisions as JSON lines: a command and the record of how it came about in one object, in
 * the field names of the topics. What is not known is left out. Times are milliseconds since 1970.
 */
public final class DecisionLines implements DecisionSink, Closeable {

  private final JsonGenerator json;

  /**
   * @param out where to; closed by {@link #close}
   * @throws IOException if it cannot be written to
   */
  public DecisionLines(Writer out) throws IOException {
    this.json = new JsonFactory().createGenerator(out);
    json.setRootValueSeparator(new SerializedString("\n"));
  }

  /**
   * Writes one line.
   *
   * @throws UncheckedIOException if that fails
   */
  @Override
  public void decided(String pool, Commanded commanded) {
    try {
      json.writeStartObject();
      write(pool, commanded.command());
      write(commanded.command(), commanded.decision());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String pool, Command command) throws IOException {
    json.writeStringField("commandId", command.id());
    json.writeStringField("taskId", command.task().taskId());
    json.writeNumberField("generation", command.generation());
    json.writeStringField("pool", pool);
    json.writeStringField("action", command.action().name());
    json.writeArrayFieldStart("shards");
    for (ShardPlacement shard : command.shards()) {
      write(shard);
    }
    json.writeEndArray();
    json.writeStringField("complexity", command.complexity());
    json.writeNumberField("priority", command.task().priority());
    json.writeStringField("reason", command.reason().name());
    json.writeNumberField("modelVersion", command.modelVersion());
    json.writeNumberField("policyVersion", command.policyVersion());
    writeOptional("expectedDurationMillis", command.expectedDuration());
    json.writeNumberField("decidedAt", command.decidedAt().toEpochMilli());
  }

  private void write(ShardPlacement shard) throws IOException {
    json.writeStartObject();
    json.writeNumberField("shard", shard.shard());
    json.writeStringField("nodeId", shard.nodeId());
    json.writeFieldName("resources");
    write(shard.resources());
    json.writeArrayFieldStart("gpuIndices");
    for (int gpu : shard.gpuIndices()) {
      json.writeNumber(gpu);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void write(Command command, Decision decision) throws IOException {
    write(decision.prediction());
    json.writeStringField("ordering", decision.policy().ordering().name());
    json.writeStringField("placement", decision.policy().placement().name());
    json.writeNumberField("nodesConsidered", decision.nodesConsidered());
    json.writeObjectFieldStart("nodesFiltered");
    for (Map.Entry<Reason, Integer> filtered : decision.nodesFiltered().entrySet()) {
      json.writeNumberField(filtered.getKey().name(), filtered.getValue());
    }
    json.writeEndObject();
    json.writeArrayFieldStart("bestScores");
    for (NodeScore score : decision.bestScores()) {
      json.writeStartObject();
      json.writeStringField("nodeId", score.nodeId());
      json.writeNumberField("score", score.score());
      json.writeEndObject();
    }
    json.writeEndArray();
    writeOptional("attentionShare", decision.attentionShare());
    writeOptional("temperature", decision.temperature());
    json.writeNumberField("queuePosition", decision.queuePosition());
    writeOptional("overtook", decision.overtook());
    json.writeNumberField("waitMillis", decision.waited().toMillis());
    Displacement displacement = decision.displacement();
    if (displacement != null) {
      writeOptional("madeRoomFor", displacement.madeRoomFor());
      writeOptional("expectedGainMillis", displacement.gain());
      writeOptional("displacementCostMillis", displacement.cost());
    }
    writeOptional("requested", command.task().request());
    writeOptional("headroom", decision.headroom(command.action()));
    write(decision.size());
  }

  private void write(Prediction prediction) throws IOException {
    json.writeObjectFieldStart("classProbabilities");
    for (int i = 0; i < prediction.classes().size(); i++) {
      json.writeNumberField(prediction.classes().get(i), prediction.probabilities().get(i));
    }
    json.writeEndObject();
    writeOptional("durationP50Millis", prediction.durationP50());
    writeOptional("durationP90Millis", prediction.durationP90());
    writeOptional("durationP95Millis", prediction.durationP95());
    writeOptional("predictedUsage", prediction.expectedUsage());
    writeOptional("usageP95", prediction.usageP95());
  }

  private void write(TaskSize size) throws IOException {
    json.writeStringField("sizing", size.sizing().name());
    writeOptional("rightSized", size.rightSized());
    if (size.outOfMemories() > 0) {
      json.writeNumberField("outOfMemories", size.outOfMemories());
    }
  }

  private void writeOptional(String name, @Nullable String text) throws IOException {
    if (text != null) {
      json.writeStringField(name, text);
    }
  }

  private void writeOptional(String name, @Nullable Double number) throws IOException {
    if (number != null) {
      json.writeNumberField(name, number);
    }
  }

  private void writeOptional(String name, @Nullable Duration duration) throws IOException {
    if (duration != null) {
      json.writeNumberField(name, duration.toMillis());
    }
  }

  private void writeOptional(String name, @Nullable Resources resources) throws IOException {
    if (resources != null) {
      json.writeFieldName(name);
      write(resources);
    }
  }

  private void write(Resources resources) throws IOException {
    json.writeStartObject();
    json.writeNumberField("cpuMillis", resources.cpuMillis());
    json.writeNumberField("memoryMib", resources.memoryMib());
    json.writeNumberField("gpuCount", resources.gpuCount());
    json.writeNumberField("gpuMillis", resources.gpuMillis());
    json.writeNumberField("ioMibps", resources.ioMibps());
    json.writeEndObject();
  }

  @Override
  public void close() throws IOException {
    json.writeRaw('\n');
    json.close();
  }
}
