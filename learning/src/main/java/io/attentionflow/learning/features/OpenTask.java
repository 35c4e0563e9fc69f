package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task that was submitted, kept until nothing more is expected of it.
 *
 * @param facts without names, which stand in the keys of its features; there are a hundred thousand
 *     such tasks
 * @param profile as at submission: what is predicted from, and later learned from
 * @param startedAtMillis when it last started; null: it waits
 * @param ended true once it ended by itself
 */
public record OpenTask(
    TaskFacts facts, Profile profile, @Nullable Long startedAtMillis, boolean ended) {

  private static final int LAYOUT = 5;

  /** The last layout that has names. */
  private static final int WITH_NAMES = 4;

  /** The last layout whose profiles promise nothing of GPUs. */
  private static final int WITHOUT_GPU = 3;

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
    Wire.writeLong(out, facts.submittedAtMillis());
    Wire.writeLong(out, facts.cpuMillis());
    Wire.writeLong(out, facts.memoryMib());
    Wire.writeLong(out, facts.gpuMillis());
    Wire.writeLong(out, facts.ioMibps());
    Wire.writeNullable(out, facts.requestedDurationMillis());
    Wire.writeLong(out, facts.priority());
    Wire.writeNullable(out, facts.deadlineMillis());
    Wire.writeLong(out, facts.inputBytes());
    profile.writeTo(out);
    Wire.writeNullable(out, startedAtMillis);
    out.writeBoolean(ended);
  }

  /** Reads what {@link #writeTo} wrote, or wrote with one of the layouts before. */
  public static OpenTask readFrom(DataInput in) throws IOException {
    int layout = Wire.readVersion(in, WITHOUT_GPU, LAYOUT, "An open task");
    boolean named = layout <= WITH_NAMES;
    TaskFacts facts =
        new TaskFacts(
            in.readUTF(),
            named ? in.readUTF() : "",
            named ? in.readUTF() : "",
            Wire.readLong(in),
            Wire.readLong(in),
            Wire.readLong(in),
            Wire.readLong(in),
            Wire.readLong(in),
            Wire.readNullable(in),
            (int) Wire.readLong(in),
            named ? in.readUTF() : "",
            Wire.readNullable(in),
            Wire.readLong(in),
            named ? readAttributes(in) : Map.of());
    return new OpenTask(
        facts.withoutNames(),
        Profile.readFrom(in, layout > WITHOUT_GPU),
        Wire.readNullable(in),
        in.readBoolean());
  }

  private static Map<String, String> readAttributes(DataInput in) throws IOException {
    Map<String, String> attributes = new HashMap<>();
    long count = Wire.readLong(in);
    for (int i = 0; i < count; i++) {
      String name = in.readUTF();
      attributes.put(name, in.readUTF());
    }
    return attributes;
  }
}
