package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one tenant: how its tasks of each kind ended, and what it has in flight.
 *
 * <p>Mutable, because it is updated by every event and most of it does not change. Bounded: at most
 * {@value #CONTEXTS} contexts, {@value #RECORDS} run records and 256 tasks in flight, less than 500
 * kB in all; what was not used for longest goes first. Not thread-safe.
 */
public final class TenantHistory {

  private static final int LAYOUT = 4;

  /** Coarser steps of usage, nothing of GPUs, and ranks as promised. */
  private static final int COARSER = 3;

  private static final int CONTEXTS = 4096;
  private static final int RECORDS = 256;

  final ClassTable table;

  /** In the order of use, oldest first. */
  private final LinkedHashMap<Long, RunRecord> records = new LinkedHashMap<>();

  private final InFlightTasks inFlight;

  final PeakLevels peakLevels = new PeakLevels();
  long lastSubmittedAtMillis;
  long lastEndedAtMillis;
  long lastRenewedAtMillis;
  long previousRequest;
  @Nullable String previousTaskId;
  int previousClass = -1;

  /**
   * @param classes how many classes tasks are told apart by
   */
  public TenantHistory(int classes) {
    this(new ClassTable(classes, CONTEXTS), new InFlightTasks());
  }

  private TenantHistory(ClassTable table, InFlightTasks inFlight) {
    this.table = table;
    this.inFlight = inFlight;
  }

  /** A copy that shares nothing with this one. */
  public TenantHistory copy() {
    TenantHistory copy = new TenantHistory(table.copy(), inFlight.copy());
    records.forEach((scope, record) -> copy.records.put(scope, record.copy()));
    copy.peakLevels.set(peakLevels);
    copy.lastSubmittedAtMillis = lastSubmittedAtMillis;
    copy.lastEndedAtMillis = lastEndedAtMillis;
    copy.lastRenewedAtMillis = lastRenewedAtMillis;
    copy.previousRequest = previousRequest;
    copy.previousTaskId = previousTaskId;
    copy.previousClass = previousClass;
    return copy;
  }

  /** What is remembered of a scope, or null. */
  @Nullable RunRecord record(long scope) {
    return records.get(scope);
  }

  /** The same of several scopes. */
  @Nullable RunRecord[] records(long[] scopes) {
    @Nullable RunRecord[] found = new RunRecord[scopes.length];
    for (int i = 0; i < scopes.length; i++) {
      found[i] = record(scopes[i]);
    }
    return found;
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

  /** What it has waiting and running. */
  InFlightTasks inFlight() {
    return inFlight;
  }

  void enters(String taskId, long request, long atMillis) {
    inFlight.add(taskId, request, false, atMillis);
  }

  void starts(String taskId, long atMillis) {
    inFlight.change(taskId, true, atMillis);
  }

  void stops(String taskId, long atMillis) {
    inFlight.change(taskId, false, atMillis);
  }

  void leaves(String taskId) {
    inFlight.remove(taskId);
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
    inFlight.writeTo(out);
    out.writeLong(lastSubmittedAtMillis);
    out.writeLong(lastEndedAtMillis);
    out.writeLong(lastRenewedAtMillis);
    out.writeLong(previousRequest);
    out.writeUTF(previousTaskId == null ? "" : previousTaskId);
    out.writeByte(previousClass);
    peakLevels.writeTo(out);
  }

  /**
   * Reads what {@link #writeTo} wrote, or wrote with the layout before.
   *
   * @throws IOException if it is of another layout, or cannot be right
   */
  public static TenantHistory readFrom(DataInput in) throws IOException {
    int layout = Wire.readVersion(in, COARSER, LAYOUT, "A tenant's history");
    ClassTable table = ClassTable.readFrom(in);
    Map<Long, RunRecord> records = new LinkedHashMap<>();
    int count = in.readUnsignedShort();
    for (int i = 0; i < count; i++) {
      long scope = in.readLong();
      records.put(scope, RunRecord.readFrom(in, layout));
    }
    TenantHistory history = new TenantHistory(table, InFlightTasks.readFrom(in));
    history.records.putAll(records);
    history.lastSubmittedAtMillis = in.readLong();
    history.lastEndedAtMillis = in.readLong();
    history.lastRenewedAtMillis = in.readLong();
    history.previousRequest = in.readLong();
    String previousTaskId = in.readUTF();
    history.previousTaskId = previousTaskId.isEmpty() ? null : previousTaskId;
    history.previousClass = in.readByte();
    if (layout > COARSER) {
      history.peakLevels.readFrom(in);
    }
    return history;
  }
}
