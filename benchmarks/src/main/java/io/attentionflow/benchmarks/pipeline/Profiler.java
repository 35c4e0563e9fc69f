package io.attentionflow.benchmarks.pipeline;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * Watches this process while a job runs: which threads use its CPU time, and in which code the
 * threads are that run Java. Writes a recording that JDK Mission Control reads, too.
 *
 * <p>Two sources, since neither sees all: the CPU time of threads is exact, and what no Java thread
 * used is the virtual machine's own (collections, compilation); samples say where in the code, but
 * see only threads that execute Java, not those in a system call.
 */
final class Profiler implements AutoCloseable {

  private static final int METHODS_SHOWN = 8;

  /** A round takes seconds: the usual ten milliseconds would be some hundred samples of it. */
  private static final Duration BETWEEN_SAMPLES = Duration.ofMillis(1);

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Path file;
  private final Recording recording;
  private Map<Long, Long> cpuByThread = Map.of();
  private MachineUse use = new MachineUse();
  private double cpuSeconds;
  private double gcSeconds;
  private final Map<Owner, Double> cpuSecondsByOwner = new EnumMap<>(Owner.class);

  /**
   * @param file where the recording goes
   */
  Profiler(Path file) {
    this.file = file;
    recording = new Recording(settings());
    recording.enable("jdk.ExecutionSample").withPeriod(BETWEEN_SAMPLES);
  }

  /**
   * Starts a recording once, and throws it away: to be called before code is warmed up, since the
   * first one makes the virtual machine forget what it has compiled.
   */
  static void prepare() {
    try (Recording first = new Recording(settings())) {
      first.start();
      first.stop();
    }
  }

  private static Configuration settings() {
    try {
      return Configuration.getConfiguration("profile");
    } catch (IOException | ParseException e) {
      throw new IllegalStateException("Java's own settings cannot be read", e);
    }
  }

  /** Whose thread it is. */
  enum Owner {
    TASKS("the job's tasks"),
    SOURCES("Kafka consumers of the sources"),
    PRODUCERS("Kafka producers of the sinks"),
    CHECKPOINTS("writing checkpoints"),
    BROKER("broker"),
    COORDINATION("Flink's coordination"),
    BENCHMARK("the benchmark itself"),
    VIRTUAL_MACHINE("garbage collection and compilation");

    private final String meaning;

    Owner(String meaning) {
      this.meaning = meaning;
    }

    /** What it is, for people. */
    String meaning() {
      return meaning;
    }

    /** By the names that Flink and Kafka give their threads. */
    static Owner of(String thread) {
      if (thread.startsWith("Source Data Fetcher")) {
        return SOURCES;
      }
      if (thread.startsWith("kafka-producer-network-thread")) {
        // Those of a job are named after the transactions or not at all; the feed sends before.
        return PRODUCERS;
      }
      if (thread.startsWith("AsyncOperations") || thread.startsWith("jobmanager-io")) {
        return CHECKPOINTS;
      }
      if (thread.startsWith("benchmark")
          || thread.equals("main")
          || thread.startsWith("kafka-admin-")) {
        return BENCHMARK;
      }
      if (thread.startsWith("flink-")
          || thread.startsWith("pekko")
          || thread.startsWith("mini-cluster")
          || thread.startsWith("Checkpoint Timer")
          || thread.startsWith("SourceCoordinator")) {
        return COORDINATION;
      }
      if (thread.matches(".*\\(\\d+/\\d+\\)#\\d+.*")) {
        return TASKS;
      }
      return BROKER;
    }
  }

  /** Whose code it is. */
  enum Part {
    ENGINE("allocation engines"),
    LEARNING("learning"),
    CODEC("Avro codec"),
    LAYOUTS("layouts between operators and in state"),
    FUNCTIONS("job functions"),
    FLINK_SERIALISATION("Flink serialisation"),
    FLINK_STATE("Flink state"),
    FLINK_RUNTIME("Flink runtime"),
    KAFKA_CLIENT("Kafka client"),
    OTHER("other");

    private final String meaning;

    Part(String meaning) {
      this.meaning = meaning;
    }

    /** What it is, for people. */
    String meaning() {
      return meaning;
    }

    /**
     * The part that a class belongs to; OTHER if that is for its caller to say, as of the JDK's.
     */
    static Part of(String type) {
      if (type.startsWith("io.attentionflow.allocation.")) {
        return ENGINE;
      }
      if (type.startsWith("io.attentionflow.learning.")) {
        return LEARNING;
      }
      if (type.startsWith("io.attentionflow.schema.") || type.startsWith("org.apache.avro.")) {
        return CODEC;
      }
      if (type.startsWith("io.attentionflow.jobs.layout.")
          || (type.startsWith("io.attentionflow.jobs.")
              && (type.endsWith("Layout") || type.endsWith("EngineFields")))) {
        return LAYOUTS;
      }
      if (type.startsWith("io.attentionflow.jobs.")) {
        return FUNCTIONS;
      }
      if (type.startsWith("org.apache.flink.core.memory.")
          || type.startsWith("org.apache.flink.types.")
          || type.startsWith("org.apache.flink.api.common.typeutils.")
          || type.startsWith("org.apache.flink.api.java.typeutils.")
          || type.startsWith("org.apache.flink.formats.avro.")) {
        return FLINK_SERIALISATION;
      }
      if (type.startsWith("org.apache.flink.runtime.state.")) {
        return FLINK_STATE;
      }
      if (type.startsWith("org.apache.flink.")) {
        return FLINK_RUNTIME;
      }
      if (type.startsWith("org.apache.kafka.")) {
        return KAFKA_CLIENT;
      }
      return OTHER;
    }
  }

  /** How often a method was seen. */
  record Count(String method, int samples) {}

  /** Samples of the job's tasks in one part, and its methods that were seen most often. */
  record PartSamples(int samples, List<Count> methods) {}

  /**
   * What was seen.
   *
   * @param cpuSeconds of the whole process
   * @param gcSeconds that collections took
   * @param cpuSecondsByOwner whose threads used them
   * @param samplesByPart of the tasks' threads only
   */
  record Profile(
      double cpuSeconds,
      double gcSeconds,
      Map<Owner, Double> cpuSecondsByOwner,
      Map<Part, PartSamples> samplesByPart) {

    int samples() {
      return samplesByPart.values().stream().mapToInt(PartSamples::samples).sum();
    }
  }

  void start() {
    recording.start();
    use = new MachineUse();
    cpuByThread = cpuByThread();
  }

  /** While the job's threads still live: one that has ended tells nothing. */
  void stop() {
    double ofJavaThreads = 0;
    for (Map.Entry<Long, Long> thread : cpuByThread().entrySet()) {
      var info = THREADS.getThreadInfo(thread.getKey());
      if (info != null) {
        double seconds = (thread.getValue() - cpuByThread.getOrDefault(thread.getKey(), 0L)) / 1e9;
        cpuSecondsByOwner.merge(Owner.of(info.getThreadName()), seconds, Double::sum);
        ofJavaThreads += seconds;
      }
    }
    cpuSeconds = use.processCpuSeconds();
    gcSeconds = use.gcSeconds();
    cpuSecondsByOwner.put(Owner.VIRTUAL_MACHINE, Math.max(0, cpuSeconds - ofJavaThreads));
    recording.stop();
  }

  private static Map<Long, Long> cpuByThread() {
    Map<Long, Long> nanos = new HashMap<>();
    for (long thread : THREADS.getAllThreadIds()) {
      nanos.put(thread, Math.max(0, THREADS.getThreadCpuTime(thread)));
    }
    return nanos;
  }

  /** Writes the recording, and counts what is in it. */
  Profile profile() throws IOException {
    recording.dump(file);
    Map<Part, Map<String, Integer>> counts = new EnumMap<>(Part.class);
    try (RecordingFile events = new RecordingFile(file)) {
      while (events.hasMoreEvents()) {
        RecordedEvent event = events.readEvent();
        if (event.getEventType().getName().equals("jdk.ExecutionSample")
            && event.getStackTrace() != null
            && isTask(event.getThread("sampledThread"))) {
          count(event.getStackTrace().getFrames(), counts);
        }
      }
    }
    Map<Part, PartSamples> byPart = new EnumMap<>(Part.class);
    counts.forEach((part, methods) -> byPart.put(part, summed(methods)));
    return new Profile(cpuSeconds, gcSeconds, cpuSecondsByOwner, byPart);
  }

  private static boolean isTask(RecordedThread thread) {
    return thread != null
        && thread.getJavaName() != null
        && Owner.of(thread.getJavaName()) == Owner.TASKS;
  }

  /** Counts for the innermost method that is somebody's, which the JDK's are not. */
  private static void count(
      List<RecordedFrame> innermostFirst, Map<Part, Map<String, Integer>> counts) {
    for (RecordedFrame frame : innermostFirst) {
      String type = frame.getMethod().getType().getName();
      Part part = Part.of(type);
      if (part != Part.OTHER) {
        String method =
            type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethod().getName();
        counts.computeIfAbsent(part, unused -> new TreeMap<>()).merge(method, 1, Integer::sum);
        return;
      }
    }
    counts.computeIfAbsent(Part.OTHER, unused -> new TreeMap<>()).merge("-", 1, Integer::sum);
  }

  private static PartSamples summed(Map<String, Integer> methods) {
    int samples = methods.values().stream().mapToInt(Integer::intValue).sum();
    List<Count> counts = new ArrayList<>();
    methods.forEach((method, count) -> counts.add(new Count(method, count)));
    counts.sort(Comparator.comparingInt(Count::samples).reversed());
    return new PartSamples(
        samples, List.copyOf(counts.subList(0, Math.min(METHODS_SHOWN, counts.size()))));
  }

  @Override
  public void close() {
    recording.close();
  }
}
