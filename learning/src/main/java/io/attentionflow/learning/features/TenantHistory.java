package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one tenant: how its tasks of each kind ended, and what it has in flight.
 *
 * <p>Mutable, because it is updated by every event and most of it does not change. Bounded: at most
 * {@value #CONTEXTS} contexts, {@value #RECORDS} run records and {@value #IN_FLIGHT} tasks in
 * flight, less than 400 kB in all; what was not used for longest goes first. Not thread-safe.
 */
public final class TenantHistory {

  private static final int LAYOUT = 1;
  private static final int CONTEXTS = 4096;
  private static final int RECORDS = 256;
  private static final int IN_FLIGHT = 256;

  /**
   * A task that waits or runs.
   *
   * @param sinceMillis since when it does
   */
  record InFlight(String taskId, long request, boolean runs, long sinceMillis) {}

  final ClassTable table;

  /** In the order of use, oldest first. */
  private final LinkedHashMap<Long, RunRecord> records = new LinkedHashMap<>();

  private final List<InFlight> inFlight = new ArrayList<>();

  long lastSubmittedAtMillis;
  long lastEndedAtMillis;
  long previousRequest;
  @Nullable String previousTaskId;
  int previousClass = -1;

  /**
   * @param classes how many classes tasks are told apart by
   */
  public TenantHistory(int classes) {
    this(new ClassTable(classes, CONTEXTS));
  }

  private TenantHistory(ClassTable table) {
    this.table = table;
  }

  /** A copy that shares nothing with this one. */
  public TenantHistory copy() {
    TenantHistory copy = new TenantHistory(table.copy());
    records.forEach((scope, record) -> copy.records.put(scope, record.copy()));
    copy.inFlight.addAll(inFlight);
    copy.lastSubmittedAtMillis = lastSubmittedAtMillis;
    copy.lastEndedAtMillis = lastEndedAtMillis;
    copy.previousRequest = previousRequest;
    copy.previousTaskId = previousTaskId;
    copy.previousClass = previousClass;
    return copy;
  }

  /** What is remembered of a scope, or null. */
  @Nullable RunRecord record(long scope) {
    return records.get(scope);
  }

  /** The record of a scope to add to; it becomes the newest. */
  RunRecord recordToChange(long scope) {
    RunRecord known = records.remove(scope);
    RunRecord record = known == null ? new RunRecord() : known;
    if (known == null && records.size() == RECORDS) {
      records.remove(records.keySet().iterator().next());
    }
    records.put(scope, record);
    return record;
  }

  /** Tasks in flight; those that began to wait or to run last stand last. */
  List<InFlight> inFlight() {
    return inFlight;
  }

  /** The task of this id, if it is in flight; one that was submitted lately is found soonest. */
  @Nullable InFlight inFlight(String taskId) {
    for (int i = inFlight.size() - 1; i >= 0; i--) {
      if (inFlight.get(i).taskId().equals(taskId)) {
        return inFlight.get(i);
      }
    }
    return null;
  }

  void enters(String taskId, long request, long atMillis) {
    if (inFlight.size() == IN_FLIGHT) {
      inFlight.remove(0);
    }
    inFlight.add(new InFlight(taskId, request, false, atMillis));
  }

  void starts(String taskId, long atMillis) {
    changes(taskId, true, atMillis);
  }

  void stops(String taskId, long atMillis) {
    changes(taskId, false, atMillis);
  }

  private void changes(String taskId, boolean runs, long atMillis) {
    for (int i = 0; i < inFlight.size(); i++) {
      InFlight task = inFlight.get(i);
      if (task.taskId().equals(taskId)) {
        inFlight.remove(i);
        inFlight.add(new InFlight(taskId, task.request(), runs, atMillis));
        return;
      }
    }
  }

  void leaves(String taskId) {
    inFlight.removeIf(task -> task.taskId().equals(taskId));
  }

  /** Writes it, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeByte(LAYOUT);
    table.writeTo(out);
    out.writeShort(records.size());
    for (Map.Entry<Long, RunRecord> entry : records.entrySet()) {
      out.writeLong(entry.getKey());
      entry.getValue().writeTo(out);
    }
    out.writeShort(inFlight.size());
    for (InFlight task : inFlight) {
      out.writeUTF(task.taskId());
      out.writeLong(task.request());
      out.writeBoolean(task.runs());
      out.writeLong(task.sinceMillis());
    }
    out.writeLong(lastSubmittedAtMillis);
    out.writeLong(lastEndedAtMillis);
    out.writeLong(previousRequest);
    out.writeUTF(previousTaskId == null ? "" : previousTaskId);
    out.writeByte(previousClass);
  }

  /**
   * Reads what {@link #writeTo} wrote.
   *
   * @throws IOException if it is of another layout, or cannot be right
   */
  public static TenantHistory readFrom(DataInput in) throws IOException {
    Wire.readVersion(in, LAYOUT, "A tenant's history");
    TenantHistory history = new TenantHistory(ClassTable.readFrom(in));
    int records = in.readUnsignedShort();
    for (int i = 0; i < records; i++) {
      long scope = in.readLong();
      history.records.put(scope, RunRecord.readFrom(in));
    }
    int inFlight = in.readUnsignedShort();
    for (int i = 0; i < inFlight; i++) {
      history.inFlight.add(
          new InFlight(in.readUTF(), in.readLong(), in.readBoolean(), in.readLong()));
    }
    history.lastSubmittedAtMillis = in.readLong();
    history.lastEndedAtMillis = in.readLong();
    history.previousRequest = in.readLong();
    String previousTaskId = in.readUTF();
    history.previousTaskId = previousTaskId.isEmpty() ? null : previousTaskId;
    history.previousClass = in.readByte();
    return history;
  }
}
