package io.attentionflow.launcher.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.client.AllocationView;
import io.attentionflow.client.Answer;
import io.attentionflow.client.PendingList;
import io.attentionflow.client.TaskAnswer;
import io.attentionflow.client.TopicLayout;
import io.attentionflow.client.TopicProvisioner;
import io.attentionflow.client.TopicStatus;
import io.attentionflow.client.TopicStatus.State;
import io.attentionflow.client.ViewOptions;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.Reason;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.ShardPlacement;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.RecordCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the client does with a real broker. Each test has topics of its own, by their prefix. */
class ClientAgainstKafkaTest {

  private static final Instant LONG_AGO = Instant.parse("1996-09-23T09:00:00Z");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static EmbeddedKafka kafka;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start();
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void makesTheTopicsOnceAndOnlyLooksInADryRun() throws InterruptedException {
    try (Admin admin = admin()) {
      var provisioner = new TopicProvisioner(admin, layout("once."));

      assertThat(provisioner.check()).extracting(TopicStatus::state).containsOnly(State.MISSING);
      assertThat(provisioner.check()).extracting(TopicStatus::state).containsOnly(State.MISSING);
      assertThat(provisioner.provision())
          .hasSize(Topic.values().length)
          .extracting(TopicStatus::state)
          .containsOnly(State.CREATED);
      assertThat(provisioner.provision())
          .allSatisfy(
              status ->
                  assertThat(status.state()).as(status.toString()).isEqualTo(State.AS_WANTED));
    }
  }

  @Test
  void reportsATopicThatIsOtherwiseAndLeavesItAlone() throws Exception {
    try (Admin admin = admin()) {
      admin
          .createTopics(
              List.of(
                  new NewTopic("other.task-events", 3, (short) 1)
                      .configs(Map.of("cleanup.policy", "compact", "max.message.bytes", "1000")),
                  new NewTopic("other.dead-letters", 1, (short) 1)
                      .configs(
                          Map.of(
                              "max.message.bytes",
                              "9000000",
                              "message.timestamp.type",
                              "LogAppendTime",
                              "retention.ms",
                              Long.toString(Duration.ofDays(14).toMillis())))))
          .all()
          .get();
      while (!admin
          .listTopics()
          .names()
          .get()
          .containsAll(Set.of("other.task-events", "other.dead-letters"))) {
        // A broker hears of a topic a moment after it is made.
        Thread.onSpinWait();
      }
      var provisioner = new TopicProvisioner(admin, layout("other."));

      List<TopicStatus> statuses = provisioner.provision();

      assertThat(statuses.get(0).state()).isEqualTo(State.DIFFERS);
      assertThat(statuses.get(0).partitions()).isEqualTo(3);
      assertThat(statuses.get(0).differences())
          .contains(
              "partitions: 3, not 8",
              "cleanup.policy: compact, not delete",
              "max.message.bytes: 1000, not 1048576");
      assertThat(statuses)
          .filteredOn(status -> status.topic() == Topic.DEAD_LETTERS)
          .extracting(TopicStatus::state)
          .as("takes more than it has to")
          .containsOnly(State.AS_WANTED);
      assertThat(statuses.subList(1, statuses.size()))
          .filteredOn(status -> status.topic() != Topic.DEAD_LETTERS)
          .extracting(TopicStatus::state)
          .containsOnly(State.CREATED);
      assertThat(provisioner.check().get(0)).isEqualTo(statuses.get(0));
    }
  }

  @Test
  void answersFromWhatIsCommittedAndSaysHowOldItIs() throws Exception {
    provision("view.");
    try (Producer<String, byte[]> producer = producer("committed")) {
      producer.initTransactions();
      producer.beginTransaction();
      send(producer, "view.allocation-pending", "t1", pending("t1"));
      send(producer, "view.allocation-pending", "t2", pending("t2"));
      send(producer, "view.allocation-commands", "t1", allocated("t1", 1, "n1"));
      send(producer, "view.allocation-pending", "t1", null);
      send(producer, "view.allocation-commands", "t3", new byte[] {1, 2, 3});
      producer.commitTransaction();
      producer.beginTransaction();
      send(producer, "view.allocation-commands", "t9", allocated("t9", 1, "n9"));
      producer.abortTransaction();
    }

    try (AllocationView view = view("view.")) {
      assertThat(view.awaitCaughtUp(PATIENCE)).isTrue();

      Answer<TaskAnswer> placed = view.task("t1");
      assertThat(placed.value())
          .isNotNull()
          .extracting(TaskAnswer::state)
          .isEqualTo(TaskAnswer.State.PLACED);
      assertThat(placed.position())
          .isNotNull()
          .extracting(Answer.Position::ageMillis, InstanceOfAssertFactories.LONG)
          .as("counted from the broker's time, though the producer's was long ago")
          .isBetween(0L, PATIENCE.toMillis());
      assertThat(placed.lagRecords()).isZero();
      assertThat(view.pending("p", 10).value())
          .isNotNull()
          .extracting(PendingList::total)
          .isEqualTo(1);
      assertThat(view.task("t9").value()).isNull();
      assertThat(view.undecodable()).isEqualTo(1);
    }
  }

  @Test
  void catchesUpAgainWithWhatIsWrittenLater() throws Exception {
    provision("later.");
    try (AllocationView view = view("later.");
        Producer<String, byte[]> producer = producer("later")) {
      assertThat(view.awaitCaughtUp(PATIENCE)).isTrue();
      assertThat(view.task("t1").value()).isNull();

      producer.initTransactions();
      producer.beginTransaction();
      send(producer, "later.allocation-commands", "t1", allocated("t1", 1, "n1"));
      producer.commitTransaction();

      assertThat(view.awaitCaughtUp(PATIENCE)).isTrue();
      assertThat(view.task("t1").value()).isNotNull();
    }
  }

  @Test
  void readsOnWhereItIsWhenATopicIsWidened() throws Exception {
    provision("wider.");
    try (AllocationView view = view("wider.");
        Producer<String, byte[]> producer = producer("wider");
        Admin admin = admin()) {
      producer.initTransactions();
      producer.beginTransaction();
      send(producer, "wider.allocation-commands", "t1", new byte[] {1, 2, 3});
      producer.commitTransaction();
      assertThat(view.awaitCaughtUp(PATIENCE)).isTrue();

      admin.createPartitions(Map.of("wider.node-events", NewPartitions.increaseTo(6))).all().get();
      awaitPartitions(admin, "wider.node-events", 6);

      assertThat(view.awaitCaughtUp(PATIENCE)).isTrue();
      assertThat(view.undecodable()).as("read once").isEqualTo(1);
    }
  }

  private static void awaitPartitions(Admin admin, String topic, int partitions) throws Exception {
    int there = 0;
    while (there < partitions) {
      there =
          admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
              .mapToInt(description -> description.partitions().size())
              .sum();
    }
  }

  private static void provision(String prefix) throws InterruptedException {
    try (Admin admin = admin()) {
      new TopicProvisioner(admin, layout(prefix)).provision();
    }
  }

  private static TopicLayout layout(String prefix) {
    return TopicLayout.STANDARD.withNames(new TopicNames(prefix)).withReplicationFactor(1);
  }

  private static AllocationView view(String prefix) {
    var view =
        new AllocationView(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            ViewOptions.STANDARD.withNames(new TopicNames(prefix)));
    view.start();
    return view;
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  private static Producer<String, byte[]> producer(String transactionalId) {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", transactionalId),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  private static void send(
      Producer<String, byte[]> producer, String topic, String key, byte @Nullable [] value)
      throws Exception {
    producer.send(new ProducerRecord<>(topic, 0, LONG_AGO.toEpochMilli(), key, value)).get();
  }

  private static byte[] allocated(String taskId, int generation, String nodeId) {
    return RecordCodec.of(AllocationCommand.class)
        .encode(
            AllocationCommand.newBuilder()
                .setCommandId(taskId + "#" + generation)
                .setTaskId(taskId)
                .setGeneration(generation)
                .setPool("p")
                .setTenant("ann")
                .setTaskType("train")
                .setAction(Action.ALLOCATE)
                .setShards(
                    List.of(
                        new ShardPlacement(
                            0, nodeId, new Resources(1000L, 512L, 0, 0L, 0L), List.of())))
                .setComplexity("LIGHT")
                .setReason(Reason.PLACED)
                .setDecidedAt(LONG_AGO)
                .build());
  }

  private static byte[] pending(String taskId) {
    return RecordCodec.of(PendingTask.class)
        .encode(
            PendingTask.newBuilder()
                .setTaskId(taskId)
                .setPool("p")
                .setTenant("ann")
                .setTaskType("train")
                .setReason(Reason.NO_NODES)
                .setPosition(0)
                .setSince(LONG_AGO)
                .setObservedAt(LONG_AGO)
                .build());
  }
}
