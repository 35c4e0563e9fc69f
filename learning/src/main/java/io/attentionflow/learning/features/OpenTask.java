package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A task that was submitted, kept until nothing more is expected of it.
 *
 * @param profile as at submission: what is predicted from, and later learned from
 * @param startedAtMillis when it last started; null: it waits
 * @param ended true once it ended by itself
 */
public record OpenTask(
    TaskFacts facts, Profile profile, @Nullable Long startedAtMillis, boolean ended) {

  private static final int LAYOUT = 1;

  OpenTask withStart(@Nullable Long atMillis) {
    return new OpenTask(facts, profile, atMillis, ended);
  }

  OpenTask withEnd() {
    return new OpenTask(facts, profile, startedAtMillis, true);
  }

  /** Writes it, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeByte(LAYOUT);
    out.writeUTF(facts.taskId());
    out.writeUTF(facts.tenant());
    out.writeUTF(facts.taskType());
    out.writeLong(facts.submittedAtMillis());
    out.writeLong(facts.cpuMillis());
    out.writeLong(facts.memoryMib());
    out.writeLong(facts.gpuMillis());
    out.writeLong(facts.ioMibps());
    Wire.writeNullable(out, facts.requestedDurationMillis());
    out.writeInt(facts.priority());
    out.writeUTF(facts.qos());
    Wire.writeNullable(out, facts.deadlineMillis());
    out.writeLong(facts.inputBytes());
    out.writeInt(facts.attributes().size());
    for (Map.Entry<String, String> attribute : new TreeMap<>(facts.attributes()).entrySet()) {
      out.writeUTF(attribute.getKey());
      out.writeUTF(attribute.getValue());
    }
    profile.writeTo(out);
    Wire.writeNullable(out, startedAtMillis);
    out.writeBoolean(ended);
  }

  /** Reads what {@link #writeTo} wrote. */
  public static OpenTask readFrom(DataInput in) throws IOException {
    Wire.readVersion(in, LAYOUT, "An open task");
    TaskFacts facts =
        new TaskFacts(
            in.readUTF(),
            in.readUTF(),
            in.readUTF(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            Wire.readNullable(in),
            in.readInt(),
            in.readUTF(),
            Wire.readNullable(in),
            in.readLong(),
            readAttributes(in));
    return new OpenTask(facts, Profile.readFrom(in), Wire.readNullable(in), in.readBoolean());
  }

  private static Map<String, String> readAttributes(DataInput in) throws IOException {
    Map<String, String> attributes = new HashMap<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      String name = in.readUTF();
      attributes.put(name, in.readUTF());
    }
    return attributes;
  }
}
