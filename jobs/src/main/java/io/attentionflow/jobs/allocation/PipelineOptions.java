package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.demand.DemandWindow;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.schema.topic.TopicNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All options of the job, with real types. They and their defaults are documented in
 * config/pipeline.yaml, which is part of the jar: a key that is not there does not exist.
 *
 * <p>Later overrides earlier: that file, the user's file, the environment, the command line.
 * Printed without the values of what is passed on to Kafka, since passwords are among them.
 */
public record PipelineOptions(
    Kafka kafka,
    Delivery delivery,
    Time time,
    Input input,
    Learning learning,
    DemandWindow demand,
    PoolPolicy policy,
    Execution execution) {

  /** Begins what is passed on to Kafka's clients. */
  static final String KAFKA = "kafka.properties.";

  /** Begins what is passed on to Flink. */
  static final String FLINK = "execution.flink.";

  /** Where keys may stand that are not documented, because somebody else gives them a meaning. */
  private static final List<String> OPEN = List.of(KAFKA, FLINK);

  /** A thousand times any default; nine million such amounts still add up to a long. */
  private static final long MOST_AMOUNT = 1_000_000_000_000L;

  /** As of topic prefixes: Kafka has bounds of its own for what is made of it. */
  private static final int MOST_NAME = 200;

  /** Kafka keeps it as an int of milliseconds. */
  private static final Duration MOST_TRANSACTION = Duration.ofMillis(Integer.MAX_VALUE);

  private static final int MOST_PANES = 1000;

  /** State keeps a text with at most 65,535 bytes, and a character takes up to three. */
  private static final int MOST_TEXT = 16_384;

  /** Where the topics are. */
  public record Kafka(
      String bootstrapServers,
      TopicNames topics,
      String groupId,
      Start start,
      SortedMap<String, String> properties) {

    /** Where to begin without a checkpoint. */
    public enum Start {
      COMMITTED,
      EARLIEST,
      LATEST
    }

    public Kafka {
      properties = new TreeMap<>(properties);
    }

    /** Without the values of the properties. */
    @Override
    public String toString() {
      return "Kafka[bootstrapServers=%s, topics=%s, groupId=%s, start=%s, properties=%s]"
          .formatted(bootstrapServers, topics, groupId, start, properties.keySet());
    }
  }

  /** How sure, and how soon, commands are to appear. */
  public record Delivery(
      Guarantee guarantee,
      Duration checkpointInterval,
      Duration transactionTimeout,
      String transactionPrefix) {

    /** What holds across a failure. */
    public enum Guarantee {
      EXACTLY_ONCE,
      AT_LEAST_ONCE
    }
  }

  /** How event time advances. */
  public record Time(Duration lateness, Duration idleness, Duration maxAhead)
      implements Serializable {}

  /** Bounds of what is believed. */
  public record Input(
      SortedSet<String> pools,
      long maxCpuMillis,
      long maxMemoryMib,
      int maxGpuCount,
      long maxIoMibps,
      int maxShards,
      Duration maxDuration,
      int maxText,
      int maxEntries)
      implements Serializable {

    public Input {
      pools = new TreeSet<>(pools);
    }
  }

  /**
   * Who learns, and what.
   *
   * @param comparedPerSecond on about how many tasks learners are compared, in each subtask
   */
  public record Learning(
      ComplexityScale scale,
      List<String> learners,
      String serving,
      boolean promote,
      int comparedPerSecond,
      long seed,
      int publishExamples,
      Duration publishInterval,
      Duration publishPause,
      Duration openTaskTtl,
      Duration endedTaskTtl,
      Duration waitingBound,
      int renewedTasks,
      Duration renewalPause,
      Duration tenantTtl) {}

  /**
   * How Flink is to run the job.
   *
   * @param parallelism subtasks of each step; 0: as the cluster is configured
   * @param flink Flink's own options
   */
  public record Execution(int parallelism, SortedMap<String, String> flink) {

    public Execution {
      flink = new TreeMap<>(flink);
    }

    /** Without the values: credentials of a file system may be among them. */
    @Override
    public String toString() {
      return "Execution[parallelism=%d, flink=%s]".formatted(parallelism, flink.keySet());
    }
  }

  /** As documented. */
  public static PipelineOptions defaults() {
    return with(Map.of());
  }

  /**
   * As documented, but for these.
   *
   * @param overrides values by key, such as {@code kafka.bootstrap-servers}
   * @throws InvalidOptionException if a key is unknown or a value not allowed; it names the key
   */
  public static PipelineOptions with(Map<String, String> overrides) {
    return load(null, Map.of(), overrides);
  }

  /**
   * Reads the options.
   *
   * @param file the user's; null: none
   * @param environment of the process; only {@code ATTENTIONFLOW_…} counts
   * @param commandLine values by key
   * @throws InvalidOptionException if a key is unknown or a value not allowed; it names the key
   * @throws UncheckedIOException if the file cannot be read
   */
  public static PipelineOptions load(
      @Nullable Path file, Map<String, String> environment, Map<String, String> commandLine) {
    SortedMap<String, String> documented = documented();
    Map<String, String> variables = variables(environment, documented);
    Settings settings = new Settings(merged(documented, file, environment, variables, commandLine));
    PipelineOptions options;
    try {
      options = parse(settings);
    } catch (InvalidOptionException e) {
      String variable = variables.get(e.key());
      throw variable == null || commandLine.containsKey(e.key()) ? e : e.setAs(variable);
    }
    SortedSet<String> unread = settings.unread();
    if (!unread.isEmpty()) {
      throw new IllegalStateException("Documented, but without a meaning: " + unread);
    }
    return options;
  }

  /** Every key but those passed on, with its default. */
  static SortedMap<String, String> documented() {
    try (InputStream resource = PipelineOptions.class.getResourceAsStream("pipeline.yaml")) {
      if (resource == null) {
        throw new IllegalStateException("pipeline.yaml is missing in the jar");
      }
      String yaml = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
      SortedMap<String, String> documented = OptionsFile.parse("pipeline.yaml", yaml);
      OPEN.forEach(open -> documented.remove(open.substring(0, open.length() - 1)));
      return documented;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read pipeline.yaml in the jar", e);
    }
  }

  private static Map<String, String> merged(
      SortedMap<String, String> documented,
      @Nullable Path file,
      Map<String, String> environment,
      Map<String, String> variables,
      Map<String, String> commandLine) {
    Map<String, String> merged = new TreeMap<>(documented);
    if (file != null) {
      SortedMap<String, String> ofFile = read(file);
      ofFile.entrySet().removeIf(option -> isEmptySection(option, documented));
      ofFile.keySet().forEach(key -> check(key, documented));
      merged.putAll(ofFile);
    }
    variables.forEach((key, variable) -> merged.put(key, environment.get(variable)));
    commandLine.keySet().forEach(key -> check(key, documented));
    merged.putAll(commandLine);
    return merged;
  }

  private static SortedMap<String, String> read(Path file) {
    try {
      return OptionsFile.parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Such as one of which all options are commented out. */
  private static boolean isEmptySection(
      Map.Entry<String, String> option, SortedMap<String, String> documented) {
    String below = option.getKey() + ".";
    return option.getValue().isEmpty()
        && (OPEN.contains(below)
            || documented.keySet().stream().anyMatch(k -> k.startsWith(below)));
  }

  private static void check(String key, SortedMap<String, String> documented) {
    boolean passedOn =
        OPEN.stream().anyMatch(open -> key.startsWith(open) && key.length() > open.length());
    if (!documented.containsKey(key) && !passedOn) {
      throw new InvalidOptionException(key, "is not an option" + nearest(key, documented));
    }
  }

  private static String nearest(String key, SortedMap<String, String> documented) {
    int dot = key.indexOf('.');
    String section = dot < 0 ? key + "." : key.substring(0, dot + 1);
    List<String> siblings =
        documented.keySet().stream().filter(k -> k.startsWith(section)).toList();
    if (!siblings.isEmpty()) {
      return "; there are " + String.join(", ", siblings);
    }
    SortedSet<String> sections = new TreeSet<>();
    documented.keySet().forEach(k -> sections.add(k.substring(0, k.indexOf('.'))));
    return "; sections are " + String.join(", ", sections);
  }

  /** Those of the environment that are ours, by the key of the option that they set. */
  private static Map<String, String> variables(
      Map<String, String> environment, SortedMap<String, String> documented) {
    Map<String, String> byVariable = new TreeMap<>();
    documented.keySet().forEach(key -> byVariable.put(EnvironmentNames.variable(key), key));
    Map<String, String> variables = new TreeMap<>();
    for (String variable : new TreeSet<>(environment.keySet())) {
      if (variable.startsWith(EnvironmentNames.PREFIX)) {
        String key = keyOf(variable, byVariable);
        String other = variables.put(key, variable);
        if (other != null) {
          throw new InvalidOptionException(
              key, "is set twice in the environment, as %s and %s".formatted(other, variable));
        }
      }
    }
    return variables;
  }

  private static String keyOf(String variable, Map<String, String> byVariable) {
    String key = byVariable.get(variable);
    if (key == null && begins(variable, KAFKA)) {
      key = EnvironmentNames.key(KAFKA, variable, KafkaProperties.known());
    } else if (key == null && begins(variable, FLINK)) {
      key = EnvironmentNames.key(FLINK, variable, FlinkSettings.known());
      if (!FlinkSettings.mayBeRead(key.substring(FLINK.length()))) {
        throw new InvalidOptionException(
            variable, "means %s, and Flink has no such option".formatted(key));
      }
    }
    if (key == null) {
      throw new InvalidOptionException(
          variable, "is not an option; config/pipeline.yaml says which there are");
    }
    return key;
  }

  private static boolean begins(String variable, String open) {
    String beginning = EnvironmentNames.variable(open);
    return variable.startsWith(beginning) && variable.length() > beginning.length();
  }

  private static PipelineOptions parse(Settings settings) {
    Delivery delivery = delivery(settings);
    return new PipelineOptions(
        kafka(settings, delivery),
        delivery,
        time(settings),
        input(settings),
        learning(settings),
        demand(settings),
        PolicySettings.parse(settings.below("policy."), PoolPolicy.defaults(), "policy."),
        execution(settings, delivery));
  }

  private static Kafka kafka(Settings settings, Delivery delivery) {
    String servers = settings.nonEmptyText("kafka.bootstrap-servers");
    for (String server : settings.list("kafka.bootstrap-servers")) {
      BrokerAddress.problem(server)
          .ifPresent(
              problem -> {
                throw new InvalidOptionException("kafka.bootstrap-servers", problem);
              });
    }
    SortedMap<String, String> properties = settings.below(KAFKA);
    if (!properties.isEmpty()) {
      // Few pass anything on, and all that there is takes a while to load.
      KafkaProperties.check(properties, delivery);
    }
    return new Kafka(
        servers,
        topics(settings),
        settings.shortText("kafka.group-id", MOST_NAME),
        settings.choice("kafka.start", Kafka.Start.class),
        properties);
  }

  private static TopicNames topics(Settings settings) {
    try {
      return new TopicNames(settings.text("kafka.topic-prefix"));
    } catch (IllegalArgumentException e) {
      throw new InvalidOptionException("kafka.topic-prefix", String.valueOf(e.getMessage()));
    }
  }

  private static Delivery delivery(Settings settings) {
    Delivery delivery =
        new Delivery(
            settings.choice("delivery.guarantee", Delivery.Guarantee.class),
            settings.duration("delivery.checkpoint-interval", Duration.ofMillis(10)),
            settings.duration(
                "delivery.transaction-timeout", Duration.ofSeconds(1), MOST_TRANSACTION),
            settings.shortText("delivery.transaction-prefix", MOST_NAME));
    if (delivery.guarantee() == Delivery.Guarantee.EXACTLY_ONCE
        && delivery.transactionTimeout().compareTo(delivery.checkpointInterval()) <= 0) {
      throw new InvalidOptionException(
          "delivery.transaction-timeout",
          "%s is not longer than delivery.checkpoint-interval, %s: transactions stay open from one checkpoint to the next"
              .formatted(
                  Settings.format(delivery.transactionTimeout()),
                  Settings.format(delivery.checkpointInterval())));
    }
    return delivery;
  }

  private static Time time(Settings settings) {
    return new Time(
        settings.duration("time.lateness", Duration.ZERO),
        settings.duration("time.idleness", Duration.ofMillis(1)),
        settings.duration("time.max-ahead", Duration.ZERO));
  }

  private static Input input(Settings settings) {
    return new Input(
        new TreeSet<>(settings.names("input.pools", MOST_TEXT)),
        settings.wholeNumber("input.max-cpu-millis", 1, MOST_AMOUNT),
        settings.wholeNumber("input.max-memory-mib", 1, MOST_AMOUNT),
        settings.smallNumber("input.max-gpu-count", 1, 1_000_000),
        settings.wholeNumber("input.max-io-mibps", 1, MOST_AMOUNT),
        settings.smallNumber("input.max-shards", 1, 1_000_000),
        settings.duration("input.max-duration", Duration.ofSeconds(1)),
        settings.smallNumber("input.max-text", 1, MOST_TEXT),
        settings.smallNumber("input.max-entries", 0, 1 << 20));
  }

  private static Learning learning(Settings settings) {
    List<String> learners = settings.names("learning.learners", MOST_NAME);
    if (learners.isEmpty()) {
      throw new InvalidOptionException("learning.learners", "is empty");
    }
    for (String learner : learners) {
      if (!Learners.names().contains(learner)) {
        throw new InvalidOptionException(
            "learning.learners",
            "'%s' is not one of %s".formatted(learner, String.join(", ", Learners.names())));
      }
    }
    String serving = settings.nonEmptyText("learning.serving");
    if (!learners.contains(serving)) {
      throw new InvalidOptionException(
          "learning.serving",
          "'%s' is not one of learning.learners, %s"
              .formatted(serving, String.join(", ", learners)));
    }
    return new Learning(
        scale(settings),
        learners,
        serving,
        settings.flag("learning.promote"),
        settings.smallNumber("learning.compared-per-second", 1, Integer.MAX_VALUE),
        settings.wholeNumber("learning.seed", Long.MIN_VALUE, Long.MAX_VALUE),
        settings.smallNumber("learning.publish-examples", 1, Integer.MAX_VALUE),
        settings.duration("learning.publish-interval", Duration.ofMillis(1)),
        settings.duration("learning.publish-pause", Duration.ZERO),
        settings.duration("learning.open-task-ttl", Duration.ofSeconds(1)),
        settings.duration("learning.ended-task-ttl", Duration.ofSeconds(1)),
        settings.duration("learning.waiting-bound", Duration.ofSeconds(1)),
        settings.smallNumber("learning.renewed-tasks", 0, 256),
        settings.duration("learning.renewal-pause", Duration.ZERO),
        settings.duration("learning.tenant-ttl", Duration.ofSeconds(1)));
  }

  private static ComplexityScale scale(Settings settings) {
    List<String> names = settings.names("learning.classes", MOST_NAME);
    List<Duration> bounds = settings.durations("learning.class-bounds");
    var measure = settings.choice("learning.class-measure", ComplexityScale.Measure.class);
    try {
      return new ComplexityScale(names, bounds, measure);
    } catch (IllegalArgumentException e) {
      throw new InvalidOptionException(
          "learning.classes and learning.class-bounds", String.valueOf(e.getMessage()));
    }
  }

  private static DemandWindow demand(Settings settings) {
    Duration pane = settings.duration("demand.pane", Duration.ofMillis(1));
    Duration window = settings.duration("demand.window", Duration.ofMillis(1));
    if (window.compareTo(pane) < 0 || window.toMillis() % pane.toMillis() != 0) {
      throw new InvalidOptionException(
          "demand.window",
          "%s is not a whole number of panes, demand.pane is %s"
              .formatted(Settings.format(window), Settings.format(pane)));
    }
    long panes = window.toMillis() / pane.toMillis();
    if (panes > MOST_PANES) {
      throw new InvalidOptionException(
          "demand.window",
          "is %d times demand.pane, more than %d times".formatted(panes, MOST_PANES));
    }
    return new DemandWindow(pane, (int) panes, settings.fraction("demand.smoothing"));
  }

  private static Execution execution(Settings settings, Delivery delivery) {
    SortedMap<String, String> flink = settings.below(FLINK);
    if (!flink.isEmpty()) {
      FlinkSettings.check(flink, delivery);
    }
    Execution execution =
        new Execution(settings.smallNumber("execution.parallelism", 0, 1 << 15), flink);
    int most =
        Integer.parseInt(
            flink.getOrDefault(
                "pipeline.max-parallelism", Integer.toString(AllocationJob.MAX_PARALLELISM)));
    requireAtMost(most, "execution.parallelism", execution.parallelism());
    if (flink.containsKey("parallelism.default")) {
      requireAtMost(
          most, FLINK + "parallelism.default", Integer.parseInt(flink.get("parallelism.default")));
    }
    return execution;
  }

  private static void requireAtMost(int most, String key, int parallelism) {
    if (parallelism > most) {
      throw new InvalidOptionException(
          key,
          "%d is more than %spipeline.max-parallelism, %d".formatted(parallelism, FLINK, most));
    }
  }
}
