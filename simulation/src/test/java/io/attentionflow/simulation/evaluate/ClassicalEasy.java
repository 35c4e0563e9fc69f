package io.attentionflow.simulation.evaluate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * EASY backfilling as it is taught: processors that are all alike, first come, first served, and a
 * reservation for the first job that has to wait. Knows nothing of pools and engines.
 */
final class ClassicalEasy {

  private final int processors;
  private final boolean shortestFirst;

  /** Of those that run: at that time, so many processors should be given back. */
  private final TreeMap<Long, Integer> expectedEnds = new TreeMap<>();

  private final List<Job> queue = new ArrayList<>();
  private int free;

  ClassicalEasy(int processors, boolean shortestFirst) {
    this.processors = processors;
    this.shortestFirst = shortestFirst;
  }

  /**
   * A job; times in seconds.
   *
   * @param estimate what is known of the run time, at least that
   */
  record Job(int number, long submit, int width, long run, long estimate) {}

  /** Runs the jobs, given by submission; when each starts, in the order of their numbers. */
  long[] starts(List<Job> jobs) {
    long[] starts = new long[jobs.size()];
    TreeMap<Long, List<Job>> ends = new TreeMap<>();
    free = processors;
    int next = 0;
    while (next < jobs.size() || !ends.isEmpty()) {
      long arrival = next < jobs.size() ? jobs.get(next).submit : Long.MAX_VALUE;
      long now = ends.isEmpty() ? arrival : Math.min(arrival, ends.firstKey());
      List<Job> over = ends.remove(now);
      for (Job job : over == null ? List.<Job>of() : over) {
        free += job.width;
        expectedEnds.merge(starts[job.number] + job.estimate, -job.width, Integer::sum);
      }
      while (next < jobs.size() && jobs.get(next).submit == now) {
        queue.add(jobs.get(next++));
      }
      for (Job job : startable(now)) {
        starts[job.number] = now;
        ends.computeIfAbsent(now + job.run, end -> new ArrayList<>()).add(job);
      }
    }
    return starts;
  }

  private List<Job> startable(long now) {
    List<Job> started = new ArrayList<>();
    while (!queue.isEmpty() && queue.get(0).width <= free) {
      started.add(start(queue.get(0), now));
    }
    if (!queue.isEmpty()) {
      backfill(now, queue.get(0), started);
    }
    return started;
  }

  private void backfill(long now, Job head, List<Job> started) {
    long shadow = now;
    int room = free;
    for (var end : expectedEnds.entrySet()) {
      if (room < head.width) {
        shadow = end.getKey();
        room += end.getValue();
      }
    }
    int extra = room - head.width;
    List<Job> candidates = new ArrayList<>(queue.subList(1, queue.size()));
    if (shortestFirst) {
      candidates.sort(Comparator.comparingLong(Job::estimate));
    }
    for (Job job : candidates) {
      boolean endsBefore = now + job.estimate <= shadow;
      if (job.width <= free && (endsBefore || job.width <= extra)) {
        extra -= endsBefore ? 0 : job.width;
        started.add(start(job, now));
      }
    }
  }

  private Job start(Job job, long now) {
    queue.removeAll(Collections.singleton(job));
    free -= job.width;
    expectedEnds.merge(now + job.estimate, job.width, Integer::sum);
    return job;
  }
}
