package io.attentionflow.jobs.allocation;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.AlgorithmOptions;
import org.apache.flink.configuration.BatchExecutionOptions;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.CleanupOptions;
import org.apache.flink.configuration.ClusterOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ConfigurationUtils;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.EventOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalResourceOptions;
import org.apache.flink.configuration.FallbackKey;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.HistoryServerOptions;
import org.apache.flink.configuration.JMXServerOptions;
import org.apache.flink.configuration.JobEventStoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.NettyShuffleEnvironmentOptions;
import org.apache.flink.configuration.OptimizerOptions;
import org.apache.flink.configuration.ResourceManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.RpcOptions;
import org.apache.flink.configuration.SecurityOptions;
import org.apache.flink.configuration.SinkOptions;
import org.apache.flink.configuration.SlowTaskDetectorOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateChangelogOptions;
import org.apache.flink.configuration.StateLatencyTrackOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.StateSizeTrackOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.TraceOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.executiongraph.failover.RestartBackoffTimeStrategyFactoryLoader;
import org.apache.flink.runtime.state.CheckpointStorageLoader;
import org.apache.flink.runtime.state.StateBackendLoader;
import org.apache.flink.state.rocksdb.RocksDBConfigurableOptions;
import org.apache.flink.state.rocksdb.RocksDBNativeMetricOptions;
import org.apache.flink.state.rocksdb.RocksDBOptions;
import org.apache.flink.state.rocksdb.sstmerge.RocksDBManualCompactionOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.DynamicCodeLoadingException;
import org.jspecify.annotations.Nullable;

/**
 * What Flink makes of the options that are passed on to it. It reads most of them only when a job
 * is submitted, or started, and then says nothing of where they came from; so it is tried before.
 *
 * <p>Where all options are Flink's own, an unknown one is refused as misspelt. Of plugins, such as
 * file systems and metric reporters, nobody here knows the options: they are let through.
 */
final class FlinkSettings {

  private static final String PREFIX = PipelineOptions.FLINK;

  /** Flink has no list of its options, only classes that declare them. */
  private static final List<Class<?>> DECLARED_IN =
      List.of(
          AlgorithmOptions.class,
          BatchExecutionOptions.class,
          BlobServerOptions.class,
          CheckpointingOptions.class,
          CleanupOptions.class,
          ClusterOptions.class,
          CoreOptions.class,
          DeploymentOptions.class,
          EventOptions.class,
          ExecutionOptions.class,
          ExternalResourceOptions.class,
          HeartbeatManagerOptions.class,
          HighAvailabilityOptions.class,
          HistoryServerOptions.class,
          JMXServerOptions.class,
          JobEventStoreOptions.class,
          JobManagerOptions.class,
          MetricOptions.class,
          NettyShuffleEnvironmentOptions.class,
          OptimizerOptions.class,
          org.apache.flink.configuration.PipelineOptions.class,
          ResourceManagerOptions.class,
          RestOptions.class,
          RestartStrategyOptions.class,
          RocksDBConfigurableOptions.class,
          RocksDBManualCompactionOptions.class,
          RocksDBNativeMetricOptions.class,
          RocksDBOptions.class,
          RpcOptions.class,
          SecurityOptions.class,
          SinkOptions.class,
          SlowTaskDetectorOptions.class,
          StateBackendOptions.class,
          StateChangelogOptions.class,
          StateLatencyTrackOptions.class,
          StateRecoveryOptions.class,
          StateSizeTrackOptions.class,
          TaskManagerOptions.class,
          TraceOptions.class,
          WebOptions.class);

  /** Of Flink's own file systems: credentials, which belong into the environment, and the like. */
  private static final List<String> OF_FILE_SYSTEMS =
      List.of(
          "s3.access-key",
          "s3.secret-key",
          "s3.path-style-access",
          "s3.endpoint",
          "fs.oss.endpoint",
          "fs.oss.accessKeyId",
          "fs.oss.accessKeySecret");

  /** All that is below these is Flink's own. */
  private static final List<String> CLOSED =
      List.of(
          "execution.",
          "jobmanager.",
          "parallelism.",
          "pipeline.",
          "restart-strategy.",
          "state.backend.rocksdb.",
          "state.checkpoints.",
          "state.savepoints.",
          "taskmanager.");

  private static final SortedMap<String, ConfigOption<?>> DECLARED = declared();

  private FlinkSettings() {}

  private static SortedMap<String, ConfigOption<?>> declared() {
    SortedMap<String, ConfigOption<?>> byKey = new TreeMap<>();
    for (Class<?> options : DECLARED_IN) {
      for (Field field : options.getFields()) {
        if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigOption.class) {
          ConfigOption<?> option = value(field);
          byKey.put(option.key(), option);
        }
      }
    }
    return byKey;
  }

  private static ConfigOption<?> value(Field field) {
    try {
      return (ConfigOption<?>) field.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("public, but cannot be read: " + field, e);
    }
  }

  /**
   * Every option that is known, by the name that Flink prefers, and by former ones where they are
   * called differently in the environment.
   */
  static SortedSet<String> known() {
    SortedSet<String> known = new TreeSet<>(DECLARED.keySet());
    known.addAll(OF_FILE_SYSTEMS);
    Set<String> variables = new HashSet<>();
    known.forEach(key -> variables.add(EnvironmentNames.variable(key)));
    for (ConfigOption<?> option : DECLARED.values()) {
      for (FallbackKey former : option.fallbackKeys()) {
        if (variables.add(EnvironmentNames.variable(former.getKey()))) {
          known.add(former.getKey());
        }
      }
    }
    return known;
  }

  /**
   * Whether Flink, or a plugin of it, may read this.
   *
   * @param key without our prefix
   */
  static boolean mayBeRead(String key) {
    if (CLOSED.stream().noneMatch(key::startsWith)) {
      return key.matches("[^.]+(\\.[^.]+)+") || isDeclared(key);
    }
    return isDeclared(key);
  }

  private static boolean isDeclared(String key) {
    return DECLARED.containsKey(key)
        || DECLARED.values().stream()
            .anyMatch(option -> isFallback(key, option) || isEntry(key, option));
  }

  private static boolean isFallback(String key, ConfigOption<?> option) {
    for (FallbackKey fallback : option.fallbackKeys()) {
      if (fallback.getKey().equals(key)) {
        return true;
      }
    }
    return false;
  }

  /** An option that is a map may be written as one option for each entry. */
  private static boolean isEntry(String key, ConfigOption<?> option) {
    return ConfigurationUtils.canBePrefixMap(option)
        && ConfigurationUtils.filterPrefixMapKey(option.key(), key);
  }

  /**
   * Tries them with a job that does nothing.
   *
   * @param settings without our prefix
   * @throws InvalidOptionException if Flink would refuse one; it names the option
   */
  static void check(SortedMap<String, String> settings, PipelineOptions.Delivery delivery) {
    for (String key : settings.keySet()) {
      if (!mayBeRead(key)) {
        throw new InvalidOptionException(PREFIX + key, "Flink has no such option");
      }
    }
    String complaint = complaint(settings, delivery);
    if (complaint != null) {
      throw new InvalidOptionException(PREFIX + culprit(settings, delivery, complaint), complaint);
    }
  }

  /**
   * The option without which there is no complaint; or, where several are wrong, another one. None
   * is tried by itself: what is right may need the others.
   */
  private static String culprit(
      SortedMap<String, String> settings, PipelineOptions.Delivery delivery, String complaint) {
    String culprit = settings.firstKey();
    for (String key : settings.keySet()) {
      SortedMap<String, String> others = new TreeMap<>(settings);
      others.remove(key);
      String left = complaint(others, delivery);
      if (left == null) {
        return key;
      }
      if (!left.equals(complaint)) {
        culprit = key;
      }
    }
    return culprit;
  }

  /** What Flink says against them; null: nothing. */
  private static @Nullable String complaint(
      SortedMap<String, String> settings, PipelineOptions.Delivery delivery) {
    try {
      Configuration flink = AllocationJob.flink(delivery, settings);
      read(flink);
      build(flink);
      return null;
    } catch (DynamicCodeLoadingException | IOException | RuntimeException e) {
      // Of Flink's own: it has no exception of its own for this.
      return message(e);
    }
  }

  private static void read(Configuration flink) {
    DECLARED.values().forEach(flink::getOptional);
    if (flink.get(ExecutionOptions.RUNTIME_MODE) == RuntimeExecutionMode.BATCH) {
      throw new IllegalArgumentException("it has to be streaming: what the job reads has no end");
    }
  }

  private static void build(Configuration flink) throws DynamicCodeLoadingException, IOException {
    ClassLoader classes = Thread.currentThread().getContextClassLoader();
    StateBackendLoader.loadStateBackendFromConfig(flink, classes, null);
    CheckpointStorageLoader.fromConfig(flink, classes, null);
    RestartBackoffTimeStrategyFactoryLoader.createRestartBackoffTimeStrategyFactory(
        flink, new Configuration(), true);
    StreamExecutionEnvironment env = new StreamExecutionEnvironment(new Configuration());
    env.configure(flink);
    env.fromSource(new NumberSequenceSource(0, 0), WatermarkStrategy.noWatermarks(), "nothing")
        .uid("source")
        .sinkTo(new DiscardingSink<>())
        .uid("sink");
    env.getStreamGraph().getJobGraph();
  }

  private static String message(Exception e) {
    Throwable cause = e;
    while (cause.getCause() != null && cause.getCause().getMessage() != null) {
      cause = cause.getCause();
    }
    String outer = String.valueOf(e.getMessage());
    return cause == e ? outer : outer + " " + cause.getMessage();
  }
}
