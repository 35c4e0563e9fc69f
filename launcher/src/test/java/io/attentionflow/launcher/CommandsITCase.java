package io.attentionflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attentionflow.launcher.kafka.EmbeddedKafka;
import io.attentionflow.launcher.net.Ports;
import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.OpenTask;
import io.attentionflow.learning.features.OpenTasks;
import io.attentionflow.learning.features.TaskFacts;
import io.attentionflow.learning.features.TenantHistory;
import io.attentionflow.learning.features.TenantProfiler;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.Reason;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.ShardPlacement;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.wire.Decoded;
import io.attentionflow.schema.wire.RecordCodec;
import io.attentionflow.serving.ClassifierServable;
import io.attentionflow.serving.TaskFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.ml.linalg.DenseVector;
import org.apache.flink.ml.servable.api.Row;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands that talk to Kafka, with a real broker. Each test has topics of its own. */
class CommandsITCase {

  private static final Instant LONG_AGO = Instant.parse("1996-09-23T09:00:00Z");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

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
  void makesTheTopicsOnceAndOnlyLooksInADryRun() throws Exception {
    Ran dry = run("once.", "topics", "create", "--dry-run");
    assertThat(dry.exitCode()).isZero();
    assertThat(dry.json().get("dryRun").booleanValue()).isTrue();
    assertThat(dry.json().get("missing").intValue()).isEqualTo(Topic.values().length);
    assertThat(topicNames()).noneMatch(name -> name.startsWith("once."));
    assertThat(run("once.", "topics", "create", "--dry-run", "--strict").exitCode()).isEqualTo(1);

    Ran first = run("once.", "topics", "create", "--strict", "--partitions", "task-events=3");
    assertThat(first.exitCode()).isZero();
    assertThat(first.json().get("created").intValue()).isEqualTo(Topic.values().length);
    assertThat(first.json().at("/topics/0"))
        .isEqualTo(
            JSON.readTree(
                """
                {"topic": "task-events", "name": "once.task-events", "state": "CREATED",
                 "partitions": 3, "differences": []}"""));
    assertThat(first.err()).contains("once.task-events", "created, 3 partitions");
    assertThat(topicNames()).contains("once.task-events", "once.dead-letters");

    Ran again = run("once.", "topics", "create", "--strict", "--partitions", "task-events=3");
    assertThat(again.exitCode()).isZero();
    assertThat(again.json().get("created").intValue()).isZero();
    assertThat(again.json().get("asWanted").intValue()).isEqualTo(Topic.values().length);
  }

  @Test
  void leavesATopicThatDiffersAloneAndFailsOnlyIfThatIsWanted() {
    run("other.", "topics", "create", "--partitions", "task-events=3");

    Ran lenient = run("other.", "topics", "create");
    assertThat(lenient.exitCode()).isZero();
    assertThat(lenient.json().get("differs").intValue()).isEqualTo(1);
    assertThat(lenient.json().at("/topics/0/differences/0").textValue())
        .isEqualTo("partitions: 3, not 8");
    assertThat(lenient.err()).contains("differs: partitions: 3, not 8");
    assertThat(run("other.", "topics", "create", "--strict").exitCode()).isEqualTo(1);
  }

  @Test
  void refusesALayoutThatCannotBe() {
    assertThat(run("bad.", "topics", "create", "--partitions", "tasks=3"))
        .satisfies(ran -> assertThat(ran.exitCode()).isEqualTo(2))
        .satisfies(ran -> assertThat(ran.err()).contains("'tasks'", "task-events, task-feedback"));
    assertThat(run("bad.", "topics", "create", "--partitions", "task-events=0").exitCode())
        .isEqualTo(2);
    assertThat(run("bad.", "topics", "create", "--replication-factor", "0").exitCode())
        .isEqualTo(2);
    assertThat(run("bad.", "topics", "create", "--replication-factor", "3"))
        .satisfies(ran -> assertThat(ran.exitCode()).isEqualTo(1))
        .satisfies(ran -> assertThat(ran.err()).contains("Kafka refuses").doesNotContain("\tat "));
  }

  @Test
  void setsAPolicyAndTellsWhichWasSet() {
    run("policy.", "topics", "create");
    assertThat(run("policy.", "policy", "get"))
        .satisfies(ran -> assertThat(ran.exitCode()).isEqualTo(1))
        .satisfies(ran -> assertThat(ran.err()).contains("no policy was set"));

    JsonNode first = answered("policy.", "policy", "set", "p", "placement=random", "--note", "try");
    assertThat(first.get("version").longValue()).isEqualTo(1);
    answered("policy.", "policy", "set", "*", "ordering=fcfs", "--proposal");
    JsonNode second = answered("policy.", "policy", "set", "p", "placement=round-robin");
    assertThat(second.get("version").longValue()).isEqualTo(2);

    JsonNode all = answered("policy.", "policy", "get");
    assertThat(all.at("/p/settings/placement").textValue()).isEqualTo("round-robin");
    assertThat(all.at("/*/proposal").booleanValue()).isTrue();
    assertThat(answered("policy.", "policy", "get", "p")).hasSize(1);
    assertThat(run("policy.", "policy", "get", "q").err()).contains("no policy was set for 'q'");
  }

  @Test
  void hintsAtAPoolThatNothingIsKnownOf() throws Exception {
    run("hint.", "topics", "create");
    try (Producer<String, byte[]> producer = producer()) {
      send(producer, "hint.node-events", "n1", joined("n1"));
    }

    assertThat(run("hint.", "policy", "set", "q", "placement=random"))
        .satisfies(ran -> assertThat(ran.exitCode()).isZero())
        .satisfies(ran -> assertThat(ran.json().get("pool").textValue()).isEqualTo("q"))
        .satisfies(ran -> assertThat(ran.err()).contains("of pool 'q'", "Known are: p."));
    assertThat(run("hint.", "policy", "shadow", "q", "placement=random").err())
        .contains("of pool 'q'");
    assertThat(run("hint.", "policy", "set", "p", "placement=random").err()).isEmpty();
    assertThat(run("hint.", "policy", "shadow", "p", "placement=random").err()).isEmpty();
    assertThat(run("hint.", "policy", "set", "*", "placement=random").err()).isEmpty();
  }

  @Test
  void beginsAndEndsAShadowBesideThePolicyOfAPool() {
    run("shadow.", "topics", "create");
    answered("shadow.", "policy", "set", "p", "placement=round-robin");

    JsonNode begun = answered("shadow.", "policy", "shadow", "p", "placement=random");
    assertThat(begun.get("shadow").textValue()).isEqualTo("shadow");
    assertThat(begun.get("version").longValue()).isEqualTo(1);
    JsonNode ended = answered("shadow.", "policy", "shadow", "p", "--end");
    assertThat(ended.get("version").longValue()).isEqualTo(2);
    JsonNode both = answered("shadow.", "policy", "get", "p");
    assertThat(both.at("/p/settings/placement").textValue()).isEqualTo("round-robin");
    assertThat(both.get("p/shadow").get("ended").booleanValue()).isTrue();

    assertThat(run("shadow.", "policy", "shadow", "p"))
        .satisfies(ran -> assertThat(ran.exitCode()).isEqualTo(1))
        .satisfies(ran -> assertThat(ran.err()).contains("no shadow of 'p' has decided anything"));
    assertThat(run("shadow.", "policy", "shadow", "*").exitCode()).isEqualTo(2);
    assertThat(run("shadow.", "policy", "shadow", "p", "mood=good").exitCode()).isEqualTo(2);
  }

  @Test
  void refusesAPolicyThatMakesNoSenseBeforeItIsWritten() {
    run("nonsense.", "topics", "create");

    assertThat(run("nonsense.", "policy", "set", "p", "placement=by-mood"))
        .satisfies(ran -> assertThat(ran.exitCode()).isEqualTo(2))
        .satisfies(ran -> assertThat(ran.err()).contains("by-mood", "random", "least-loaded"));
    assertThat(run("nonsense.", "policy", "set", "p", "mood=good").exitCode()).isEqualTo(2);
    assertThat(run("nonsense.", "policy", "get").exitCode()).isEqualTo(1);
  }

  @Test
  void listsModelsAndExportsTheOneThatServes(@TempDir Path directory) throws Exception {
    run("models.", "topics", "create");
    Path file = directory.resolve("model.avro");
    assertThat(answered("models.", "model", "list")).isEmpty();
    assertThat(run("models.", "model", "export", "--output", file.toString()))
        .satisfies(ran -> assertThat(ran.exitCode()).isEqualTo(1))
        .satisfies(ran -> assertThat(ran.err()).contains("no model was published yet"));

    try (Producer<String, byte[]> producer = producer()) {
      send(producer, "models.model-updates", "prior/0", model("prior", 1, true, Map.of()));
      send(producer, "models.model-updates", "mixture/0", model("mixture", 7, false, Map.of()));
      send(
          producer,
          "models.model-updates",
          "champion/0",
          model("champion", 1, true, Map.of("learner", "mixture")));
    }
    JsonNode list = answered("models.", "model", "list");
    assertThat(list).hasSize(2);
    assertThat(list.at("/0/model").textValue()).isEqualTo("mixture");
    assertThat(list.at("/0/champion").booleanValue()).isTrue();
    assertThat(list.at("/1/champion").booleanValue()).isFalse();

    JsonNode exported = answered("models.", "model", "export", "--output", file.toString());
    assertThat(exported.get("version").longValue()).isEqualTo(7);
    assertThat(RecordCodec.of(ModelUpdate.class).decode(Files.readAllBytes(file)))
        .isInstanceOfSatisfying(
            Decoded.Value.class,
            value -> assertThat(((ModelUpdate) value.value()).getModel()).isEqualTo("mixture"));
    assertThat(run("models.", "model", "export", "forest", "--output", file.toString()))
        .satisfies(ran -> assertThat(ran.exitCode()).isEqualTo(1))
        .satisfies(ran -> assertThat(ran.err()).contains("mixture, prior"));
  }

  @Test
  void servesAModelOfTheTopicInThisJvm(@TempDir Path directory) throws Exception {
    run("served.", "topics", "create");
    FeatureSchema schema = FeatureSchema.ofTasks(ComplexityScale.DEFAULT);
    Classifier learner = Learners.create("mixture", schema, 3);
    for (int i = 0; i < 200; i++) {
      learner.learn(features(i % 3 + 1), i % 3, 1);
    }
    byte[] published = published(learner, schema, 0, 1);
    try (Producer<String, byte[]> producer = producer()) {
      send(producer, "served.model-updates", "mixture/0", published);
    }
    Path file = directory.resolve("mixture.avro");
    answered("served.", "model", "export", "--output", file.toString());

    for (ClassifierServable served :
        List.of(
            ClassifierServable.of(newest("served.model-updates", "mixture/0")),
            ClassifierServable.load(file))) {
      for (int cores = 1; cores <= 3; cores++) {
        Row row = served.transform(TaskFrame.ofFeatures(List.of(features(cores)))).collect().get(0);
        double[] expected = new double[4];
        learner.predict(features(cores), expected);

        assertThat(row.<DenseVector>getAs(2).toArray()).isEqualTo(expected);
        assertThat(row.<String>getAs(1)).isEqualTo(served.classes().get(cores - 1));
      }
    }
  }

  @Test
  void exportsMembersThatWerePublishedEachByItselfAsOneModel(@TempDir Path directory)
      throws Exception {
    run("members.", "topics", "create");
    FeatureSchema schema = FeatureSchema.ofTasks(ComplexityScale.DEFAULT);
    Classifier forest = Learners.create("forest", schema, 3);
    Path file = directory.resolve("forest.avro");
    try (Producer<String, byte[]> producer = producer()) {
      for (int i = forest.members() - 1; i >= 0; i--) {
        Classifier member = Learners.member("forest", schema, 3, i);
        for (int k = 0; k < 200; k++) {
          member.learn(features(k % 3 + 1), k % 3, 1);
        }
        forest.restore(i, member.snapshot());
        send(
            producer,
            "members.model-updates",
            "forest/" + i,
            published(member, schema, i, forest.members()));
        if (i == 1) {
          assertThat(run("members.", "model", "export", "forest", "--output", file.toString()))
              .satisfies(ran -> assertThat(ran.exitCode()).isEqualTo(1))
              .satisfies(ran -> assertThat(ran.err()).contains("10 members; there are 9"));
        }
      }
    }
    assertThat(answered("members.", "model", "list")).hasSize(10);
    JsonNode exported =
        answered("members.", "model", "export", "forest", "--output", file.toString());
    assertThat(exported.get("members").intValue()).isEqualTo(1);

    Row row =
        ClassifierServable.load(file)
            .transform(TaskFrame.ofFeatures(List.of(features(2))))
            .collect()
            .get(0);
    double[] expected = new double[4];
    forest.predict(features(2), expected);
    assertThat(row.<DenseVector>getAs(2).toArray()).isEqualTo(expected);
  }

  private static byte[] published(
      Classifier learner, FeatureSchema schema, int member, int members) {
    return RecordCodec.of(ModelUpdate.class)
        .encode(
            ModelUpdate.newBuilder()
                .setModel(learner.name())
                .setMember(member)
                .setMembers(members)
                .setVersion(4)
                .setPublishedAt(LONG_AGO)
                .setExamples(200)
                .setSeed(3)
                .setFeatureSchema(schema.id())
                .setClasses(ComplexityScale.DEFAULT.names())
                .setChampion(true)
                .setSnapshot(ByteBuffer.wrap(learner.snapshot()))
                .build());
  }

  private static FeatureVector features(int cores) {
    TaskFacts task =
        new TaskFacts(
            "t",
            "ann",
            "train",
            0,
            cores * 1000L,
            512,
            0,
            0,
            60_000L,
            0,
            "BURSTABLE",
            null,
            0,
            Map.of());
    OpenTasks nothingKept =
        new OpenTasks() {
          @Override
          public @Nullable OpenTask get(String taskId) {
            return null;
          }

          @Override
          public void put(OpenTask open) {}

          @Override
          public void remove(String taskId) {}
        };
    ComplexityScale scale = ComplexityScale.DEFAULT;
    return new TenantProfiler(scale, new TenantHistory(scale.classes()), nothingKept)
        .submitted(task)
        .features();
  }

  /** The newest value of a key, as any consumer of the topic finds it. */
  private static byte[] newest(String topic, String key) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "enable.auto.commit", false);
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = Objects.requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
      byte[] newest = {};
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(PATIENCE)) {
          newest = record.key().equals(key) ? record.value() : newest;
        }
      }
      return newest;
    }
  }

  private static byte[] model(
      String name, long version, boolean champion, Map<String, String> parameters) {
    return RecordCodec.of(ModelUpdate.class)
        .encode(
            ModelUpdate.newBuilder()
                .setModel(name)
                .setMember(0)
                .setMembers(1)
                .setVersion(version)
                .setPublishedAt(LONG_AGO)
                .setExamples(100 * version)
                .setSeed(0)
                .setFeatureSchema("tasks")
                .setClasses(List.of("LIGHT", "HEAVY"))
                .setFormat(1)
                .setParameters(parameters)
                .setChampion(champion)
                .setSnapshot(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                .build());
  }

  @Test
  @Timeout(60)
  void saysSoonWhatToDoWhereThereIsNoBroker() {
    String nowhere = "localhost:" + Ports.free();
    for (List<String> command :
        List.of(
            List.of("topics", "create"),
            List.of("query", "task", "t"),
            List.of("query", "node", "n"),
            List.of("query", "pool", "p"),
            List.of("query", "pending", "p"),
            List.of("watch"),
            List.of("policy", "get"),
            List.of("policy", "set", "p"),
            List.of("model", "list"),
            List.of("model", "export", "--output", "never"))) {
      Ran ran = Ran.of(arguments(command, "--bootstrap-servers", nowhere));

      assertThat(ran.exitCode()).as(ran.toString()).isEqualTo(1);
      assertThat(ran.out()).isEmpty();
      assertThat(ran.err())
          .contains("no broker at " + nowhere, "--bootstrap-servers")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void findsAHealthyClusterHealthy() {
    run("well.", "topics", "create");

    Ran ran = run("well.", "doctor");

    assertThat(ran.exitCode()).as(ran.toString()).isZero();
    assertThat(ran.json().get("healthy").booleanValue()).isTrue();
    assertThat(statuses(ran))
        .containsEntry("java", "OK")
        .containsEntry("brokers", "OK")
        .containsEntry("broker version", "OK")
        .containsEntry("topics", "OK")
        .containsEntry("transactions", "OK");
  }

  @Test
  void saysWhatToDoAboutAClusterThatIsNot() throws Exception {
    try (Admin admin = admin()) {
      admin.createTopics(List.of(new NewTopic("ill.task-events", 3, (short) 1))).all().get();
    }
    while (!topicNames().contains("ill.task-events")) {
      // A broker hears of a topic a moment after it is made.
      Thread.onSpinWait();
    }

    Ran ran = run("ill.", "doctor");

    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.json().get("healthy").booleanValue()).isFalse();
    assertThat(ran.err())
        .contains("ill.task-events differs: partitions: 3, not 8")
        .contains("missing: ill.task-feedback", "attention-flow topics create");
  }

  @Test
  void findsABrokerMissingThatWasNamed() {
    Ran ran = Ran.of("doctor", "--bootstrap-servers", "localhost:" + Ports.free());

    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(statuses(ran)).containsEntry("brokers", "PROBLEM").doesNotContainKey("topics");
  }

  @Test
  void checksTheOptionsOfTheJob(@TempDir Path directory) throws Exception {
    run("options.", "topics", "create");
    Path bad = Files.writeString(directory.resolve("bad.yaml"), "policy: {ordering: upside-down}");
    Path slow =
        Files.writeString(directory.resolve("slow.yaml"), "delivery: {transaction-timeout: 2h}\n");

    Ran unknown = run("options.", "doctor", "--options", bad.toString());
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).contains("policy.ordering");

    Ran tooLong = run("options.", "doctor", "--options", slow.toString());
    assertThat(tooLong.exitCode()).isEqualTo(1);
    assertThat(statuses(tooLong))
        .containsEntry("transactions", "PROBLEM")
        .as("the file names other brokers than those that are checked")
        .containsEntry("options", "HINT");
  }

  @Test
  void answersWhereATaskIsWhatIsOnANodeAndHowAPoolIs() throws Exception {
    run("query.", "topics", "create");
    try (Producer<String, byte[]> producer = producer()) {
      send(producer, "query.node-events", "n1", joined("n1"));
      send(producer, "query.allocation-commands", "t1", allocated("t1", "p", "n1"));
      send(producer, "query.allocation-pending", "t2", pending("t2", "p"));
    }

    JsonNode task = answered("query.", "query", "task", "t1");
    assertThat(task.at("/value/state").textValue()).isEqualTo("PLACED");
    assertThat(task.at("/value/placements/0/nodeId").textValue()).isEqualTo("n1");
    assertThat(task.at("/value/since").textValue()).isEqualTo("1996-09-23T09:00:00Z");
    assertThat(task.at("/value").has("pending")).isFalse();
    assertThat(task.at("/position/topic").textValue()).isEqualTo("allocation-commands");
    assertThat(task.at("/position/offset").longValue()).isZero();
    assertThat(task.at("/position/ageMillis").longValue()).isBetween(0L, PATIENCE.toMillis());
    assertThat(task.get("lagRecords").longValue()).isZero();

    assertThat(answered("query.", "query", "task", "t2").at("/value/pending/reason").textValue())
        .isEqualTo("NO_NODES");
    JsonNode node = answered("query.", "query", "node", "n1");
    assertThat(node.at("/value/tasks/0/taskId").textValue()).isEqualTo("t1");
    assertThat(node.at("/value/allocated/cpuMillis").longValue()).isEqualTo(1000);
    JsonNode pool = answered("query.", "query", "pool", "p");
    assertThat(pool.at("/value/placed").intValue()).isEqualTo(1);
    assertThat(pool.at("/value/pending").intValue()).isEqualTo(1);
    JsonNode pending = answered("query.", "query", "pending", "p");
    assertThat(pending.at("/value/total").intValue()).isEqualTo(1);
    assertThat(pending.at("/value/tasks/0/taskId").textValue()).isEqualTo("t2");
    assertThat(
            answered("query.", "query", "pending", "p", "--limit", "0").at("/value/tasks").size())
        .isZero();
  }

  @Test
  void saysWhenNothingIsKnown() throws Exception {
    run("unknown.", "topics", "create");
    try (Producer<String, byte[]> producer = producer()) {
      send(producer, "unknown.allocation-pending", "t2", pending("t2", "p"));
    }

    assertNothingKnown("of task 'no-such'", "query", "task", "no-such");
    assertNothingKnown("of node 'no-such'", "query", "node", "no-such");
    assertNothingKnown("of pool 'no-such'. Known are: p.", "query", "pool", "no-such");
    assertNothingKnown("of pool 'no-such'. Known are: p.", "query", "pending", "no-such");
    assertThat(run("misspelt.", "query", "task", "t2"))
        .satisfies(ran -> assertThat(ran.exitCode()).isEqualTo(1))
        .satisfies(
            ran ->
                assertThat(ran.err())
                    .contains("no topic misspelt.allocation-commands", "--topic-prefix"));
    assertThat(run("misspelt.", "watch"))
        .satisfies(ran -> assertThat(ran.exitCode()).isEqualTo(1))
        .satisfies(ran -> assertThat(ran.err()).contains("no topic misspelt.allocation-commands"));
  }

  private static void assertNothingKnown(String what, String... command) {
    Ran ran = run("unknown.", command);
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("nothing is known " + what).doesNotContain("\tat ");
  }

  @Test
  @Timeout(60)
  void watchesFromTheBeginningWhatIsWantedAndNoMoreThanThat() throws Exception {
    run("watch.", "topics", "create");
    try (Producer<String, byte[]> producer = producer()) {
      send(producer, "watch.allocation-pending", "t1", pending("t1", "p"));
      send(producer, "watch.allocation-pending", "t1", null);
      send(producer, "watch.allocation-pending", "t1", pending("t1", "p"));
      send(producer, "watch.allocation-commands", "t2", new byte[] {1, 2, 3});
      send(producer, "watch.allocation-commands", "t2", allocated("t2", "q", "n1"));
    }

    List<JsonNode> ofPool = watched("--from-beginning", "--pool", "p", "--count", "2");
    assertThat(ofPool).extracting(line -> line.get("taskId").textValue()).containsOnly("t1");
    assertThat(ofPool.get(0).get("topic").textValue()).isEqualTo("allocation-pending");
    assertThat(ofPool.get(0).get("partition").intValue()).isZero();
    assertThat(ofPool.get(0).get("offset").longValue()).isZero();
    assertThat(Instant.parse(ofPool.get(0).get("writtenAt").textValue())).isAfter(LONG_AGO);
    assertThat(ofPool.get(0).at("/record/reason").textValue()).isEqualTo("NO_NODES");
    assertThat(ofPool.get(0).at("/record/since").textValue()).isEqualTo("1996-09-23T09:00:00Z");
    assertThat(ofPool.get(1).has("record")).as("a tombstone").isFalse();

    List<JsonNode> ofTask = watched("--from-beginning", "--task", "t2", "--count", "1");
    assertThat(ofTask.get(0).at("/record/commandId").textValue()).isEqualTo("t2#1");
    assertThat(watched("--count", "0")).isEmpty();
    assertThat(run("watch.", "watch", "--count", "-1").exitCode()).isEqualTo(2);
  }

  private static List<JsonNode> watched(String... options) throws Exception {
    Ran ran = run("watch.", arguments(List.of("watch"), options));
    assertThat(ran.exitCode()).as(ran.toString()).isZero();
    return lines(ran.out());
  }

  @Test
  @Timeout(60)
  void watchesDeadLettersAndNothingElse() throws Exception {
    run("letters.", "topics", "create");
    try (Producer<String, byte[]> producer = producer()) {
      send(producer, "letters.allocation-commands", "t1", allocated("t1", "p", "n1"));
      send(producer, "letters.dead-letters", "task-events", new byte[] {1, 2, 3});
      send(producer, "letters.dead-letters", "letters.task-events", deadLetter("t2", 4));
      send(producer, "letters.dead-letters", "letters.task-events", deadLetter("t3", 5));
    }

    Ran ran = run("letters.", "watch", "--dead-letters", "--from-beginning", "--count", "2");

    assertThat(ran.exitCode()).as(ran.toString()).isZero();
    assertThat(ran.err()).contains("cannot decode the record at offset 0 of letters.dead-letters");
    List<JsonNode> letters = lines(ran.out());
    assertThat(letters).extracting(line -> line.get("key").textValue()).containsExactly("t2", "t3");
    assertThat(letters.get(0).get("topic").textValue()).isEqualTo("letters.task-events");
    assertThat(letters.get(0).get("offset").longValue()).isEqualTo(4);
    assertThat(letters.get(0).get("reason").textValue()).isEqualTo("MISSING_POOL");
    assertThat(run("letters.", "watch", "--dead-letters", "--pool", "p"))
        .satisfies(refused -> assertThat(refused.exitCode()).isEqualTo(2))
        .satisfies(refused -> assertThat(refused.err()).contains("--dead-letters", "--pool"));
  }

  @Test
  void watchesWhatIsCommittedFromNowOnUntilItIsStopped() throws Exception {
    run("live.", "topics", "create");
    try (Producer<String, byte[]> producer = producer()) {
      send(producer, "live.allocation-commands", "before", allocated("before", "p", "n1"));
    }
    try (RunningCommand watch =
        RunningCommand.start(
            "watch", "--bootstrap-servers", kafka.bootstrapServers(), "--topic-prefix", "live.")) {
      watch.await(Pattern.compile("Watching"), PATIENCE);
      try (Producer<String, byte[]> producer = transactional()) {
        producer.beginTransaction();
        send(producer, "live.allocation-commands", "aborted", allocated("aborted", "p", "n1"));
        producer.abortTransaction();
        producer.beginTransaction();
        send(producer, "live.allocation-commands", "then", allocated("then", "p", "n1"));
        producer.commitTransaction();
      }
      watch.awaitResult(Pattern.compile("\"taskId\""), PATIENCE);
      watch.stop();
      assertThat(watch.awaitExit(PATIENCE)).isZero();

      assertThat(lines(watch.result()))
          .extracting(line -> line.get("taskId").textValue())
          .containsExactly("then");
    }
  }

  private static JsonNode answered(String prefix, String... command) {
    Ran ran = run(prefix, command);
    assertThat(ran.exitCode()).as(ran.toString()).isZero();
    return ran.json();
  }

  private static Ran run(String prefix, String... command) {
    return Ran.of(
        arguments(
            List.of(command),
            "--bootstrap-servers",
            kafka.bootstrapServers(),
            "--topic-prefix",
            prefix));
  }

  private static String[] arguments(List<String> command, String... more) {
    return Stream.concat(command.stream(), Stream.of(more)).toArray(String[]::new);
  }

  private static Map<String, String> statuses(Ran doctor) {
    Map<String, String> statuses = new TreeMap<>();
    doctor
        .json()
        .get("checks")
        .forEach(
            check -> statuses.put(check.get("check").textValue(), check.get("status").textValue()));
    return statuses;
  }

  private static List<JsonNode> lines(String out) throws Exception {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.lines().toList()) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private static Set<String> topicNames() throws Exception {
    try (Admin admin = admin()) {
      return admin.listTopics().names().get();
    }
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  private static Producer<String, byte[]> producer() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", kafka.bootstrapServers()),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  private static Producer<String, byte[]> transactional() {
    Producer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "commands-it"),
            new StringSerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  private static void send(
      Producer<String, byte[]> producer, String topic, String key, byte @Nullable [] value)
      throws Exception {
    producer.send(new ProducerRecord<>(topic, 0, LONG_AGO.toEpochMilli(), key, value)).get();
  }

  private static byte[] allocated(String taskId, String pool, String nodeId) {
    return RecordCodec.of(AllocationCommand.class)
        .encode(
            AllocationCommand.newBuilder()
                .setCommandId(taskId + "#1")
                .setTaskId(taskId)
                .setGeneration(1)
                .setPool(pool)
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

  private static byte[] pending(String taskId, String pool) {
    return RecordCodec.of(PendingTask.class)
        .encode(
            PendingTask.newBuilder()
                .setTaskId(taskId)
                .setPool(pool)
                .setTenant("ann")
                .setTaskType("train")
                .setReason(Reason.NO_NODES)
                .setPosition(0)
                .setSince(LONG_AGO)
                .setObservedAt(LONG_AGO)
                .build());
  }

  private static byte[] deadLetter(String key, long offset) {
    return RecordCodec.of(DeadLetter.class)
        .encode(
            DeadLetter.newBuilder()
                .setTopic("letters.task-events")
                .setPartition(0)
                .setOffset(offset)
                .setReason(DeadLetterReason.MISSING_POOL)
                .setDetail("pool is empty")
                .setObservedAt(LONG_AGO)
                .setKey(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)))
                .build());
  }

  private static byte[] joined(String nodeId) {
    return RecordCodec.of(NodeEvent.class)
        .encode(
            NodeEvent.newBuilder()
                .setNodeId(nodeId)
                .setPool("p")
                .setKind(NodeEventKind.JOINED)
                .setObservedAt(LONG_AGO)
                .setCapacity(new Resources(4000L, 8192L, 0, 0L, 0L))
                .build());
  }
}
