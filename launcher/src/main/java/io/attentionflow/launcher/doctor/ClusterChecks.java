package io.attentionflow.launcher.doctor;

import io.attentionflow.client.TopicLayout;
import io.attentionflow.client.TopicProvisioner;
import io.attentionflow.client.TopicStatus;
import io.attentionflow.client.TopicStatus.State;
import io.attentionflow.launcher.Failure;
import io.attentionflow.launcher.kafka.KafkaOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.server.common.MetadataVersion;

/** Checks of the Kafka cluster that the job would run on. */
final class ClusterChecks {

  private static final String TRANSACTIONS = "transactions";
  private static final String TRANSACTION_STATE = "__transaction_state";

  private final KafkaOptions kafka;
  private final Duration transactionTimeout;

  /**
   * @param transactionTimeout what the job will ask for
   */
  ClusterChecks(KafkaOptions kafka, Duration transactionTimeout) {
    this.kafka = kafka;
    this.transactionTimeout = transactionTimeout;
  }

  List<Finding> all() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    try (Admin admin = kafka.admin()) {
      Collection<Node> nodes = kafka.answer(admin.describeCluster().nodes());
      findings.add(
          Finding.ok("brokers", "%d at %s".formatted(nodes.size(), kafka.bootstrapServers())));
      findings.add(asked("broker version", () -> version(admin)));
      findings.addAll(topics(admin));
      findings.add(asked(TRANSACTIONS, () -> transactions(admin, nodes)));
    } catch (Failure e) {
      findings.add(unreachable(kafka.namesBrokers(), e.advice()));
    }
    return findings;
  }

  /** One that nobody has named is not missed. */
  static Finding unreachable(boolean named, String why) {
    return named ? Finding.problem("brokers", "none", why) : Finding.hint("brokers", "none", why);
  }

  private interface Question {
    Finding ask() throws InterruptedException;
  }

  /** What one may not ask is no problem of the job's, whose rights are others. */
  private static Finding asked(String check, Question question) throws InterruptedException {
    try {
      return question.ask();
    } catch (Failure e) {
      return Finding.hint(check, "cannot be told", e.advice());
    }
  }

  private Finding version(Admin admin) throws InterruptedException {
    FeatureMetadata features = kafka.answer(admin.describeFeatures().featureMetadata());
    FinalizedVersionRange metadata = features.finalizedFeatures().get(MetadataVersion.FEATURE_NAME);
    if (metadata == null) {
      return Finding.hint(
          "broker version",
          "older than 3.3, or run with ZooKeeper",
          "Attention Flow is tried with Kafka %s."
              .formatted(MetadataVersion.latestProduction().version()));
    }
    return Finding.ok("broker version", named(metadata.maxVersionLevel()));
  }

  private static String named(short level) {
    try {
      return MetadataVersion.fromFeatureLevel(level).version();
    } catch (IllegalArgumentException newer) {
      return "newer than " + MetadataVersion.latestProduction().version();
    }
  }

  private List<Finding> topics(Admin admin) throws InterruptedException {
    List<TopicStatus> statuses;
    try {
      statuses =
          new TopicProvisioner(admin, TopicLayout.STANDARD.withNames(kafka.topics())).check();
    } catch (KafkaException e) {
      return List.of(Finding.hint("topics", "cannot be told", kafka.failure(e).advice()));
    }
    List<Finding> findings = new ArrayList<>();
    String missing = names(statuses, State.MISSING);
    if (!missing.isEmpty()) {
      findings.add(
          Finding.problem(
              "topics",
              "missing: " + missing,
              "Make them: attention-flow topics create, with the same Kafka options."));
    }
    for (TopicStatus status : statuses) {
      if (status.state() == State.DIFFERS) {
        findings.add(
            Finding.hint(
                "topics",
                "%s differs: %s".formatted(status.name(), String.join("; ", status.differences())),
                "If it is not meant so: kafka-configs.sh and kafka-topics.sh alter it."));
      }
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok("topics", "%d, as in the catalogue".formatted(statuses.size())));
    }
    return findings;
  }

  private static String names(List<TopicStatus> statuses, State state) {
    return statuses.stream()
        .filter(status -> status.state() == state)
        .map(TopicStatus::name)
        .collect(Collectors.joining(", "));
  }

  private Finding transactions(Admin admin, Collection<Node> nodes) throws InterruptedException {
    Node any = nodes.iterator().next();
    ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, any.idString());
    Map<ConfigResource, Config> answers =
        kafka.answer(admin.describeConfigs(List.of(broker)).all());
    Config config = answers.getOrDefault(broker, new Config(List.of()));
    Set<String> topics =
        kafka.answer(admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
    return transactions(
        Duration.ofMillis(number(config, "transaction.max.timeout.ms")),
        topics.contains(TRANSACTION_STATE)
            ? 0
            : number(config, "transaction.state.log.replication.factor"),
        nodes.size());
  }

  /**
   * Whether the job's transactions would be taken.
   *
   * @param most the longest that the brokers take; zero: not told
   * @param copies of the state of transactions that are still to be made; 0: none, or not told
   */
  Finding transactions(Duration most, long copies, int brokers) {
    if (copies > brokers) {
      return Finding.problem(
          TRANSACTIONS,
          "want %d copies of their state, and there are %d brokers".formatted(copies, brokers),
          "Start more brokers, or set transaction.state.log.replication.factor=%d in theirs."
              .formatted(brokers));
    }
    if (most.isZero()) {
      return Finding.hint(
          TRANSACTIONS, "the brokers do not say how long one may be open", "Ask their operator.");
    }
    if (most.compareTo(transactionTimeout) < 0) {
      return Finding.problem(
          TRANSACTIONS,
          "may be open for %d s, and the job asks for %d s"
              .formatted(most.toSeconds(), transactionTimeout.toSeconds()),
          "Raise transaction.max.timeout.ms of the brokers, or lower delivery.transaction-timeout"
              + " of the job.");
    }
    return Finding.ok(TRANSACTIONS, "may be open for %,d s".formatted(most.toSeconds()));
  }

  private static long number(Config config, String key) {
    ConfigEntry entry = config.get(key);
    return entry == null || entry.value() == null ? 0 : Long.parseLong(entry.value());
  }
}
