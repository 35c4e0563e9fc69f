package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * What a tenant has waiting and running; what began to wait or to run last stands last. The oldest
 * goes when there is no room.
 *
 * <p>Arrays side by side and not objects: all of them are looked at whenever a task is submitted.
 * They slide through arrays of twice their number, for of a busy tenant one goes whenever one
 * comes.
 */
final class InFlightTasks {

  private static final int MOST = 256;
  private static final int FEWEST = 8;

  /** No such task. */
  static final int ABSENT = -1;

  private String[] taskIds;
  private long[] requests;
  private long[] sinceMillis;
  private boolean[] run;
  private int first;
  private int size;
  private int running;

  /** None has waited for longer. It may be that none has waited as long. */
  private long earliestMillis = Long.MAX_VALUE;

  InFlightTasks() {
    this(FEWEST);
  }

  private InFlightTasks(int capacity) {
    taskIds = new String[capacity];
    requests = new long[capacity];
    sinceMillis = new long[capacity];
    run = new boolean[capacity];
  }

  InFlightTasks copy() {
    InFlightTasks copy = new InFlightTasks(taskIds.length);
    copyTo(copy.taskIds, copy.requests, copy.sinceMillis, copy.run);
    copy.size = size;
    copy.running = running;
    copy.earliestMillis = earliestMillis;
    return copy;
  }

  private void copyTo(String[] ids, long[] ofRequests, long[] since, boolean[] runs) {
    System.arraycopy(taskIds, first, ids, 0, size);
    System.arraycopy(requests, first, ofRequests, 0, size);
    System.arraycopy(sinceMillis, first, since, 0, size);
    System.arraycopy(run, first, runs, 0, size);
  }

  int size() {
    return size;
  }

  String taskId(int at) {
    return taskIds[first + at];
  }

  /** What it asks for, as a key. */
  long request(int at) {
    return requests[first + at];
  }

  /** Since when it waits or runs. */
  long sinceMillis(int at) {
    return sinceMillis[first + at];
  }

  boolean runs(int at) {
    return run[first + at];
  }

  /** Where the next task that runs stands, from this place on; {@link #size()}: none does. */
  int nextRunning(int from) {
    int at = running == 0 ? size : from;
    while (at < size && !run[first + at]) {
      at++;
    }
    return at;
  }

  /** How many tasks wait that are still believed to. */
  int waiting(Patience patience, long nowMillis) {
    if (believesAll(patience, nowMillis)) {
      return size - running;
    }
    int waiting = 0;
    for (int i = first; i < first + size; i++) {
      waiting += waits(i, patience, nowMillis) ? 1 : 0;
    }
    return waiting;
  }

  /** How many of them ask for this. */
  int waiting(Patience patience, long nowMillis, long request) {
    boolean all = believesAll(patience, nowMillis);
    int waiting = 0;
    for (int i = first; i < first + size; i++) {
      if (requests[i] == request && (all ? !run[i] : waits(i, patience, nowMillis))) {
        waiting++;
      }
    }
    return waiting;
  }

  private boolean waits(int i, Patience patience, long nowMillis) {
    return !run[i] && patience.believes(false, sinceMillis[i], nowMillis);
  }

  /** Whether none has waited for too long, by one comparison in most cases. */
  private boolean believesAll(Patience patience, long nowMillis) {
    if (patience.believes(false, earliestMillis, nowMillis)) {
      return true;
    }
    earliestMillis = Long.MAX_VALUE;
    for (int i = first; i < first + size; i++) {
      if (!run[i]) {
        earliestMillis = Math.min(earliestMillis, sinceMillis[i]);
      }
    }
    return patience.believes(false, earliestMillis, nowMillis);
  }

  /**
   * Where the task of this id stands, or {@link #ABSENT}; one submitted lately is found soonest.
   */
  int find(String taskId) {
    for (int at = size - 1; at >= 0; at--) {
      if (taskIds[first + at].equals(taskId)) {
        return at;
      }
    }
    return ABSENT;
  }

  void add(String taskId, long request, boolean runs, long atMillis) {
    if (size == MOST) {
      remove(0);
    }
    makeRoom();
    int i = first + size;
    taskIds[i] = taskId;
    requests[i] = request;
    sinceMillis[i] = atMillis;
    run[i] = runs;
    size++;
    if (runs) {
      running++;
    } else {
      earliestMillis = Math.min(earliestMillis, atMillis);
    }
  }

  /** For one more at the end: in the same arrays if half of them is free, else in larger ones. */
  private void makeRoom() {
    int capacity = taskIds.length;
    if (first + size < capacity) {
      return;
    }
    if (first > 0 && size <= capacity / 2) {
      copyTo(taskIds, requests, sinceMillis, run);
      Arrays.fill(taskIds, size, capacity, "");
    } else {
      String[] ids = new String[capacity * 2];
      long[] ofRequests = new long[capacity * 2];
      long[] since = new long[capacity * 2];
      boolean[] runs = new boolean[capacity * 2];
      copyTo(ids, ofRequests, since, runs);
      taskIds = ids;
      requests = ofRequests;
      sinceMillis = since;
      run = runs;
    }
    first = 0;
  }

  /** It begins to run, or to wait again; nothing if it is not there. */
  void change(String taskId, boolean runs, long atMillis) {
    int at = find(taskId);
    if (at != ABSENT) {
      long request = request(at);
      remove(at);
      add(taskId, request, runs, atMillis);
    }
  }

  void remove(String taskId) {
    int at = find(taskId);
    while (at != ABSENT) {
      remove(at);
      at = find(taskId);
    }
  }

  private void remove(int at) {
    int i = first + at;
    running -= run[i] ? 1 : 0;
    size--;
    if (at == 0) {
      taskIds[i] = "";
      first++;
      return;
    }
    System.arraycopy(taskIds, i + 1, taskIds, i, size - at);
    System.arraycopy(requests, i + 1, requests, i, size - at);
    System.arraycopy(sinceMillis, i + 1, sinceMillis, i, size - at);
    System.arraycopy(run, i + 1, run, i, size - at);
    taskIds[first + size] = "";
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeShort(size);
    for (int at = 0; at < size; at++) {
      out.writeUTF(taskId(at));
      out.writeLong(request(at));
      out.writeBoolean(runs(at));
      out.writeLong(sinceMillis(at));
    }
  }

  static InFlightTasks readFrom(DataInput in) throws IOException {
    InFlightTasks tasks = new InFlightTasks();
    int size = in.readUnsignedShort();
    for (int i = 0; i < size; i++) {
      tasks.add(in.readUTF(), in.readLong(), in.readBoolean(), in.readLong());
    }
    return tasks;
  }
}
