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
  private int size;

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
    copy.size = size;
    System.arraycopy(taskIds, 0, copy.taskIds, 0, size);
    System.arraycopy(requests, 0, copy.requests, 0, size);
    System.arraycopy(sinceMillis, 0, copy.sinceMillis, 0, size);
    System.arraycopy(run, 0, copy.run, 0, size);
    return copy;
  }

  int size() {
    return size;
  }

  String taskId(int at) {
    return taskIds[at];
  }

  /** What it asks for, as a key. */
  long request(int at) {
    return requests[at];
  }

  /** Since when it waits or runs. */
  long sinceMillis(int at) {
    return sinceMillis[at];
  }

  boolean runs(int at) {
    return run[at];
  }

  /**
   * Where the task of this id stands, or {@link #ABSENT}; one submitted lately is found soonest.
   */
  int find(String taskId) {
    for (int at = size - 1; at >= 0; at--) {
      if (taskIds[at].equals(taskId)) {
        return at;
      }
    }
    return ABSENT;
  }

  void add(String taskId, long request, boolean runs, long atMillis) {
    if (size == MOST) {
      remove(0);
    }
    if (size == taskIds.length) {
      taskIds = Arrays.copyOf(taskIds, size * 2);
      requests = Arrays.copyOf(requests, size * 2);
      sinceMillis = Arrays.copyOf(sinceMillis, size * 2);
      run = Arrays.copyOf(run, size * 2);
    }
    taskIds[size] = taskId;
    requests[size] = request;
    sinceMillis[size] = atMillis;
    run[size] = runs;
    size++;
  }

  /** It begins to run, or to wait again; nothing if it is not there. */
  void change(String taskId, boolean runs, long atMillis) {
    int at = find(taskId);
    if (at != ABSENT) {
      long request = requests[at];
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
    size--;
    System.arraycopy(taskIds, at + 1, taskIds, at, size - at);
    System.arraycopy(requests, at + 1, requests, at, size - at);
    System.arraycopy(sinceMillis, at + 1, sinceMillis, at, size - at);
    System.arraycopy(run, at + 1, run, at, size - at);
    taskIds[size] = "";
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeShort(size);
    for (int at = 0; at < size; at++) {
      out.writeUTF(taskIds[at]);
      out.writeLong(requests[at]);
      out.writeBoolean(run[at]);
      out.writeLong(sinceMillis[at]);
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
