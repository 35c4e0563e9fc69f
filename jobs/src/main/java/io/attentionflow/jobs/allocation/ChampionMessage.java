package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.champion.Championship;
import io.attentionflow.schema.ModelUpdate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Which learner serves, as it goes round through the topic of models, under a name of its own: who
 * reads the topic from its beginning knows the champion, and who follows it hears of a change in
 * one order with the snapshots.
 *
 * @param learner who serves from now on
 * @param from who served before
 * @param rolledBack whether {@code learner} had served before {@code from}
 * @param note why, for people
 */
record ChampionMessage(String learner, String from, boolean rolledBack, String note) {

  /** The model that this is published as; no learner has this name. */
  static final String MODEL = "champion";

  static ChampionMessage of(Championship.Change change) {
    return new ChampionMessage(change.to(), change.from(), change.rolledBack(), change.note());
  }

  /** Whether a model is a champion, and no snapshot. */
  static boolean isOne(ModelMessage message) {
    return message.model().equals(MODEL);
  }

  /**
   * Reads what {@link #toUpdate} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static ChampionMessage read(ModelMessage message) {
    DataInputDeserializer in = new DataInputDeserializer(message.snapshot());
    try {
      return new ChampionMessage(in.readUTF(), in.readUTF(), in.readBoolean(), in.readUTF());
    } catch (IOException e) {
      throw new IllegalArgumentException("no champion: " + e.getMessage(), e);
    }
  }

  ModelUpdate toUpdate(
      long version, Instant at, long examples, long seed, String schema, List<String> classes) {
    return ModelUpdate.newBuilder()
        .setModel(MODEL)
        .setMember(0)
        .setMembers(1)
        .setVersion(version)
        .setPublishedAt(at)
        .setExamples(examples)
        .setSeed(seed)
        .setFeatureSchema(schema)
        .setClasses(classes)
        .setFormat(1)
        .setParameters(Map.of("learner", learner, "from", from, "note", note))
        .setChampion(true)
        .setSnapshot(ByteBuffer.wrap(bytes()))
        .build();
  }

  private byte[] bytes() {
    DataOutputSerializer out = new DataOutputSerializer(256);
    try {
      out.writeUTF(learner);
      out.writeUTF(from);
      out.writeBoolean(rolledBack);
      out.writeUTF(note);
    } catch (IOException e) {
      throw new IllegalStateException("memory that cannot be written to", e);
    }
    return out.getCopyOfBuffer();
  }
}
