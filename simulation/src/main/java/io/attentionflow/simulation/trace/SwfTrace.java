package io.attentionflow.simulation.trace;

import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.simulation.trace.TaskTruth.End;
import io.attentionflow.simulation.trace.Trace.Dimension;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads job logs in the Standard Workload Format, packed by gzip or not.
 *
 * <p>Source of the format: S. J. Chapin et al., "Benchmarks and standards for the evaluation of
 * parallel job schedulers", JSSPP 1999; version 2.2 as the Parallel Workloads Archive describes it.
 * The machine becomes one pool with one node of {@code MaxProcs} cores ({@code MaxNodes} if the
 * header lacks that). Memory is per processor in the log and of the whole job here; the log does
 * not know the machine's memory, so the node has as much as can never be the limit.
 */
public final class SwfTrace {

  /** The pool that the machine becomes. */
  public static final String POOL = "swf";

  private static final Pattern HEADER = Pattern.compile("^;\\s*(\\w+):\\s*(-?\\d{1,18})(?!\\d)");
  private static final int COLUMNS = 18;
  private static final long MOST_PROCESSORS = 1_000_000_000;

  /** The year 5138: times of milliseconds stay far from where a long ends. */
  private static final long LATEST_START_SECONDS = 100_000_000_000L;

  private SwfTrace() {}

  /**
   * Which jobs count, and how long they run. A job that ran on no processor or for no time never
   * counts, nor does a line about part of a job (status 2 to 4).
   *
   * @param needsRequestedTime leaves out jobs without a requested time, if the log has any with
   * @param cutAtRequest ends a job at its requested time if it ran longer
   * @param needsToFit leaves out jobs that ask for more processors than the machine has
   */
  public record Protocol(boolean needsRequestedTime, boolean cutAtRequest, boolean needsToFit) {

    /** As results on scheduling are published. */
    public static final Protocol SCHEDULING = new Protocol(true, true, true);

    /** As results on learning with logged ends are published: the log as it is. */
    public static final Protocol LEARNING = new Protocol(false, false, false);
  }

  /**
   * Reads a log.
   *
   * @throws TraceFormatException if no line can be read, or the machine's size is not known
   * @throws IOException if the file cannot be read
   */
  public static Trace read(Path file, Protocol protocol) throws IOException {
    String name = LineSource.name(file);
    LineCount.Counter lines = new LineCount.Counter();
    Map<String, Long> header = new TreeMap<>();
    List<Job> jobs = new ArrayList<>();
    Set<Long> numbers = new HashSet<>();
    int number = 0;
    try (BufferedReader in = LineSource.open(file)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        if (line.startsWith(";")) {
          readHeader(line, header);
        } else if (!line.isBlank()) {
          try {
            Job job = Job.parse(line);
            if (!numbers.add(job.number)) {
              throw new IllegalArgumentException("job %d again".formatted(job.number));
            }
            jobs.add(job);
          } catch (IllegalArgumentException bad) {
            lines.bad(name, number, String.valueOf(bad.getMessage()));
          }
        }
      }
    }
    return trace(name, header, jobs, protocol, lines);
  }

  private static void readHeader(String line, Map<String, Long> header) {
    Matcher matcher = HEADER.matcher(line);
    if (matcher.find()) {
      header.putIfAbsent(matcher.group(1), Long.parseLong(matcher.group(2)));
    }
  }

  private static Trace trace(
      String name,
      Map<String, Long> header,
      List<Job> jobs,
      Protocol protocol,
      LineCount.Counter lines)
      throws TraceFormatException {
    long processors = positive(header, "MaxProcs");
    if (processors == 0) {
      processors = positive(header, "MaxNodes");
    }
    if (processors == 0) {
      processors = jobs.stream().mapToLong(Job::processors).max().orElse(0);
    }
    boolean anyRequest = jobs.stream().anyMatch(job -> job.requestedSeconds > 0);
    boolean needsRequest = protocol.needsRequestedTime && anyRequest;
    long startSeconds = positive(header, "UnixStartTime");
    if (processors > MOST_PROCESSORS || startSeconds > LATEST_START_SECONDS) {
      throw new TraceFormatException(
          "%s: a header of %d processors, starting %d s after 1970, cannot be meant"
              .formatted(name, processors, startSeconds));
    }
    Instant epoch = Instant.ofEpochSecond(startSeconds);

    List<TraceTask> tasks = new ArrayList<>(jobs.size());
    long memoryPerProcessor = 0;
    for (Job job : jobs) {
      if (!job.ran()
          || (needsRequest && job.requestedSeconds <= 0)
          || (protocol.needsToFit && job.processors() > processors)) {
        lines.filtered();
        continue;
      }
      lines.used();
      TraceTask task = job.toTask(epoch, protocol.cutAtRequest);
      tasks.add(task);
      memoryPerProcessor =
          Math.max(
              memoryPerProcessor, ceilDiv(task.request().request().memoryMib(), job.processors()));
    }
    LineCount count = lines.close();
    if (processors <= 0) {
      throw new TraceFormatException(name + ": no jobs, and no MaxProcs in the header");
    }
    Resources machine = new Resources(processors * 1000, processors * memoryPerProcessor, 0, 0, 0);
    return new Trace(
        "%s: %d jobs on %d processors".formatted(name, tasks.size(), processors),
        tasks,
        List.of(TraceNode.of("machine", POOL, machine, null)),
        EnumSet.of(Dimension.CPU),
        true,
        count);
  }

  private static long positive(Map<String, Long> header, String key) {
    return Math.max(0, header.getOrDefault(key, 0L));
  }

  private static long ceilDiv(long amount, long by) {
    return (amount + by - 1) / by;
  }

  /** A line of the log: what it says, −1 where it says nothing. */
  private record Job(
      long number,
      double submitSeconds,
      double waitSeconds,
      double runSeconds,
      long allocated,
      double cpuSeconds,
      double usedKib,
      long requested,
      double requestedSeconds,
      double requestedKib,
      int status,
      long user,
      long group,
      long executable,
      long queue,
      long partition) {

    static Job parse(String line) {
      StringTokenizer columns = new StringTokenizer(line);
      if (columns.countTokens() < COLUMNS) {
        throw new IllegalArgumentException(
            "%d columns instead of %d".formatted(columns.countTokens(), COLUMNS));
      }
      double[] values = new double[COLUMNS];
      for (int i = 0; i < COLUMNS; i++) {
        String column = columns.nextToken();
        try {
          values[i] = Double.parseDouble(column);
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "column %d is no number: %s".formatted(i + 1, column), e);
        }
        // Past 2^53 a double no longer tells neighbours apart, and no real column comes near.
        if (!(Math.abs(values[i]) < 1e15)) {
          throw new IllegalArgumentException(
              "column %d is out of range: %s".formatted(i + 1, column));
        }
      }
      if (values[1] < 0) {
        throw new IllegalArgumentException("no submit time");
      }
      if (Math.max(values[4], values[7]) > MOST_PROCESSORS) {
        throw new IllegalArgumentException("more than %d processors".formatted(MOST_PROCESSORS));
      }
      return new Job(
          (long) values[0],
          values[1],
          values[2],
          values[3],
          (long) values[4],
          values[5],
          values[6],
          (long) values[7],
          values[8],
          values[9],
          (int) values[10],
          (long) values[11],
          (long) values[12],
          (long) values[13],
          (long) values[14],
          (long) values[15]);
    }

    /** Requested processors, or those allocated where the log has no request. */
    long processors() {
      return requested > 0 ? requested : allocated;
    }

    boolean ran() {
      boolean partial = status >= 2 && status <= 4;
      return !partial && runSeconds > 0 && processors() > 0;
    }

    TraceTask toTask(Instant epoch, boolean cutAtRequest) {
      TaskRequest request =
          new TaskRequest(
              "job-" + number,
              user < 0 ? "user-unknown" : "user-" + user,
              executable > 0 ? "exe-" + executable : "job",
              epoch.plusMillis(millis(submitSeconds)),
              cores(processors(), memoryMib(requestedKib)),
              requestedSeconds > 0 ? Duration.ofMillis(millis(requestedSeconds)) : null,
              0,
              Qos.BURSTABLE,
              null,
              1,
              1,
              List.of());
      return new TraceTask(POOL, request, 0, attributes(), null, truth(cutAtRequest));
    }

    private TreeMap<String, String> attributes() {
      TreeMap<String, String> attributes = new TreeMap<>();
      put(attributes, "queue", queue, 0);
      put(attributes, "group", group, 0);
      put(attributes, "partition", partition, 0);
      put(attributes, "executable", executable, 1);
      return attributes;
    }

    private static void put(
        TreeMap<String, String> attributes, String name, long value, long least) {
      if (value >= least) {
        attributes.put(name, Long.toString(value));
      }
    }

    private TaskTruth truth(boolean cutAtRequest) {
      double seconds =
          cutAtRequest && requestedSeconds > 0
              ? Math.min(runSeconds, requestedSeconds)
              : runSeconds;
      long width = allocated > 0 ? allocated : processors();
      double busy = cpuSeconds > 0 ? Math.min(1, cpuSeconds / runSeconds) : 0;
      Resources used = new Resources(Math.round(busy * width * 1000), memoryMib(usedKib), 0, 0, 0);
      return new TaskTruth(millis(seconds), end(), used, used, loggedWaitMillis());
    }

    private @Nullable Long loggedWaitMillis() {
      return waitSeconds >= 0 ? millis(waitSeconds) : null;
    }

    private End end() {
      return switch (status) {
        case 0 -> End.FAILED;
        case 5 -> End.CANCELLED;
        default -> End.SUCCEEDED;
      };
    }

    private long memoryMib(double kibPerProcessor) {
      return kibPerProcessor > 0 ? (long) Math.ceil(kibPerProcessor * processors() / 1024) : 0;
    }

    private static Resources cores(long processors, long memoryMib) {
      return new Resources(processors * 1000, memoryMib, 0, 0, 0);
    }

    private static long millis(double seconds) {
      return Math.round(seconds * 1000);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "job %d", number);
    }
  }
}
