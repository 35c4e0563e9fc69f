package io.attentionflow.simulation.evaluate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.Decision;
import io.attentionflow.allocation.Decision.NodeScore;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.Reason;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.ShardPlacement;
import io.attentionflow.allocation.TaskSize;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.Map;

/**
 * Writes decisions as JSON lines, in the field names of the topics. Times are milliseconds since
 * 1970.
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
      write(commanded.decision());
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
    if (command.expectedDuration() != null) {
      json.writeNumberField("expectedDurationMillis", command.expectedDuration().toMillis());
    }
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

  private void write(Decision decision) throws IOException {
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
    Double share = decision.attentionShare();
    if (share != null) {
      json.writeNumberField("attentionShare", share);
    }
    Double temperature = decision.temperature();
    if (temperature != null) {
      json.writeNumberField("temperature", temperature);
    }
    json.writeNumberField("queuePosition", decision.queuePosition());
    if (decision.overtook() != null) {
      json.writeStringField("overtook", decision.overtook());
    }
    json.writeNumberField("waitedMillis", decision.waited().toMillis());
    write(decision.size());
  }

  private void write(TaskSize size) throws IOException {
    json.writeStringField("sizing", size.sizing().name());
    Resources rightSized = size.rightSized();
    if (rightSized != null) {
      json.writeFieldName("rightSized");
      write(rightSized);
    }
    if (size.outOfMemories() > 0) {
      json.writeNumberField("outOfMemories", size.outOfMemories());
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
