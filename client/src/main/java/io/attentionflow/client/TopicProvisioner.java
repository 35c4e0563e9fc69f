package io.attentionflow.client;

import io.attentionflow.client.TopicStatus.State;
import io.attentionflow.schema.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Makes the topics of the catalogue where they are missing, and never changes one that is there.
 *
 * <p>Idempotent, and two at once do no harm: who comes second finds the topic made.
 */
public final class TopicProvisioner {

  private static final int MOST_LOOKS = 100;
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  private final Admin admin;
  private final TopicLayout layout;

  /**
   * @param admin not closed here
   */
  public TopicProvisioner(Admin admin, TopicLayout layout) {
    this.admin = admin;
    this.layout = layout;
  }

  /**
   * Compares the cluster with the layout, and changes nothing: the dry run.
   *
   * @return one for each topic of the catalogue, in its order; none is CREATED
   * @throws KafkaException if the cluster cannot be asked
   */
  public List<TopicStatus> check() throws InterruptedException {
    Map<Topic, TopicDescription> descriptions = describe();
    Map<Topic, Config> settings = settings(descriptions.keySet());
    List<TopicStatus> statuses = new ArrayList<>();
    for (Topic topic : Topic.values()) {
      TopicDescription description = descriptions.get(topic);
      Config actual = settings.get(topic);
      statuses.add(
          description == null || actual == null
              ? status(topic, State.MISSING)
              : compare(topic, description, actual));
    }
    return statuses;
  }

  /**
   * Makes what is missing, and returns when it can be used.
   *
   * @return one for each topic of the catalogue, in its order; none is MISSING
   * @throws KafkaException if the cluster cannot be asked, or refuses; some topics may then be made
   */
  public List<TopicStatus> provision() throws InterruptedException {
    List<TopicStatus> before = check();
    Map<Topic, KafkaFuture<Void>> made = create(before);
    Map<Topic, State> outcome = new LinkedHashMap<>();
    for (Map.Entry<Topic, KafkaFuture<Void>> topic : made.entrySet()) {
      KafkaFuture<State> created = topic.getValue().thenApply(done -> State.CREATED);
      outcome.put(
          topic.getKey(), answer(created, TopicExistsException.class).orElse(State.AS_WANTED));
    }
    if (outcome.isEmpty()) {
      return before;
    }
    // One that somebody else made in between is perhaps otherwise: look at it.
    List<TopicStatus> seen = checkOnceAllAreSeen();
    awaitLeaders(seen, made.keySet());
    return seen.stream()
        .map(
            status ->
                outcome.get(status.topic()) == State.CREATED
                    ? status(status.topic(), State.CREATED)
                    : status)
        .toList();
  }

  /**
   * Brokers describe a topic a moment before they lead its partitions. An idempotent producer that
   * comes in between can get stuck, until its delivery times out, on what it was refused.
   */
  private void awaitLeaders(List<TopicStatus> statuses, Set<Topic> made)
      throws InterruptedException {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (TopicStatus status : statuses) {
      if (made.contains(status.topic())) {
        for (int partition = 0; partition < status.partitions(); partition++) {
          ends.put(new TopicPartition(status.name(), partition), OffsetSpec.latest());
        }
      }
    }
    for (int attempt = 0; attempt < MOST_LOOKS; attempt++) {
      // Only a leader can answer. It is looked for as long as the brokers know of the topic.
      if (answer(admin.listOffsets(ends).all(), UnknownTopicOrPartitionException.class)
          .isPresent()) {
        return;
      }
      Thread.sleep(BETWEEN_LOOKS.toMillis());
    }
    throw new KafkaException("the cluster made topics, and does not know of them");
  }

  /** The controller makes a topic a moment before a broker can describe it, or a client use it. */
  private List<TopicStatus> checkOnceAllAreSeen() throws InterruptedException {
    for (int attempt = 0; attempt < MOST_LOOKS; attempt++) {
      List<TopicStatus> statuses = check();
      if (statuses.stream().noneMatch(status -> status.state() == State.MISSING)) {
        return statuses;
      }
      Thread.sleep(BETWEEN_LOOKS.toMillis());
    }
    throw new KafkaException("the cluster says that a topic exists, and does not describe it");
  }

  private Map<Topic, KafkaFuture<Void>> create(List<TopicStatus> statuses) {
    List<Topic> missing =
        statuses.stream()
            .filter(status -> status.state() == State.MISSING)
            .map(TopicStatus::topic)
            .toList();
    Map<String, KafkaFuture<Void>> answers =
        admin.createTopics(missing.stream().map(this::newTopic).toList()).values();
    Map<Topic, KafkaFuture<Void>> byTopic = new LinkedHashMap<>();
    for (Topic topic : missing) {
      byTopic.put(topic, require(answers, topic));
    }
    return byTopic;
  }

  private NewTopic newTopic(Topic topic) {
    Optional<Short> replicationFactor =
        layout.replicationFactor().isPresent()
            ? Optional.of((short) layout.replicationFactor().getAsInt())
            : Optional.empty();
    return new NewTopic(
            layout.names().of(topic), Optional.of(layout.partitionsOf(topic)), replicationFactor)
        .configs(layout.settingsOf(topic));
  }

  private Map<Topic, TopicDescription> describe() throws InterruptedException {
    List<String> names = Arrays.stream(Topic.values()).map(layout.names()::of).toList();
    Map<String, KafkaFuture<TopicDescription>> answers =
        admin.describeTopics(names).topicNameValues();
    Map<Topic, TopicDescription> found = new LinkedHashMap<>();
    for (Topic topic : Topic.values()) {
      answer(require(answers, topic), UnknownTopicOrPartitionException.class)
          .ifPresent(description -> found.put(topic, description));
    }
    return found;
  }

  private Map<Topic, Config> settings(Collection<Topic> topics) throws InterruptedException {
    Map<Topic, ConfigResource> resources = new LinkedHashMap<>();
    for (Topic topic : topics) {
      resources.put(topic, new ConfigResource(ConfigResource.Type.TOPIC, layout.names().of(topic)));
    }
    Map<ConfigResource, KafkaFuture<Config>> answers =
        admin.describeConfigs(resources.values()).values();
    Map<Topic, Config> found = new LinkedHashMap<>();
    for (Map.Entry<Topic, ConfigResource> topic : resources.entrySet()) {
      KafkaFuture<Config> future = answers.get(topic.getValue());
      if (future == null) {
        throw new IllegalStateException("no answer about " + topic.getValue());
      }
      answer(future, UnknownTopicOrPartitionException.class)
          .ifPresent(config -> found.put(topic.getKey(), config));
    }
    return found;
  }

  private TopicStatus compare(Topic topic, TopicDescription description, Config actual) {
    List<String> differences = new ArrayList<>();
    int partitions = description.partitions().size();
    differ(
        differences,
        "partitions",
        Integer.toString(layout.partitionsOf(topic)),
        Integer.toString(partitions));
    if (layout.replicationFactor().isPresent()) {
      differ(
          differences,
          "replication factor",
          Integer.toString(layout.replicationFactor().getAsInt()),
          Integer.toString(description.partitions().get(0).replicas().size()));
    }
    layout
        .settingsOf(topic)
        .forEach(
            (key, wanted) -> {
              if (!key.equals(TopicLayout.MAX_MESSAGE_BYTES)
                  || !isAtLeast(wanted, value(actual, key))) {
                differ(differences, key, wanted, value(actual, key));
              }
            });
    return new TopicStatus(
        topic,
        layout.names().of(topic),
        differences.isEmpty() ? State.AS_WANTED : State.DIFFERS,
        partitions,
        differences);
  }

  private static boolean isAtLeast(String wanted, String actual) {
    return !actual.isEmpty() && Long.parseLong(actual) >= Long.parseLong(wanted);
  }

  private static void differ(List<String> differences, String what, String wanted, String actual) {
    // A list of policies has no order.
    if (!new TreeSet<>(List.of(wanted.split(",")))
        .equals(new TreeSet<>(List.of(actual.split(","))))) {
      differences.add("%s: %s, not %s".formatted(what, actual, wanted));
    }
  }

  private static String value(Config config, String key) {
    ConfigEntry entry = config.get(key);
    return entry == null || entry.value() == null ? "" : entry.value();
  }

  private TopicStatus status(Topic topic, State state) {
    return new TopicStatus(
        topic, layout.names().of(topic), state, layout.partitionsOf(topic), List.of());
  }

  private <V> KafkaFuture<V> require(Map<String, KafkaFuture<V>> answers, Topic topic) {
    KafkaFuture<V> answer = answers.get(layout.names().of(topic));
    if (answer == null) {
      throw new IllegalStateException("no answer about " + layout.names().of(topic));
    }
    return answer;
  }

  /**
   * The cluster's answer.
   *
   * @return empty if it is the one refusal that is expected here
   */
  private static <V> Optional<V> answer(
      KafkaFuture<V> future, Class<? extends KafkaException> expected) throws InterruptedException {
    try {
      return Optional.of(future.get());
    } catch (ExecutionException e) {
      if (expected.isInstance(e.getCause())) {
        return Optional.empty();
      }
      throw new KafkaException("the cluster refused: " + e.getMessage(), e);
    }
  }
}
