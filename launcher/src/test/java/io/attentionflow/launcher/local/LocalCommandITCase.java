package io.attentionflow.launcher.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attentionflow.launcher.Ran;
import io.attentionflow.launcher.RunningCommand;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.Reason;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.ShardPlacement;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.wire.RecordCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCommandITCase {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String SWF = "../simulation/src/test/resources/traces/small.swf";
  private static final int SWF_JOBS = 4;
  private static final String HOSPITAL = "../config/scenarios/hospital.yaml";

  /** Of the traces that are written here: so many share the nodes at a time that all find room. */
  private static final int TASKS = 30;

  private static final int NODES = 3;
  private static final Pattern RUNNING = Pattern.compile("^Running");
  private static final Pattern KAFKA = Pattern.compile("^Kafka +(\\S+)");
  private static final Pattern ACCURACY =
      Pattern.compile("right ([0-9.]+) %.*most frequent class: ([0-9.]+) %");

  @TempDir Path directory;

  @Test
  void learnsToTellClassesApartUntilItIsStopped() throws Exception {
    try (RunningCommand local =
        RunningCommand.start("local", "--speedup", "600", "--every", "1s")) {
      local.await(RUNNING, PATIENCE);
      Matcher line = local.await(ACCURACY, PATIENCE);
      while (Double.parseDouble(line.group(1)) < Double.parseDouble(line.group(2)) + 5) {
        line = local.await(ACCURACY, PATIENCE);
      }
      local.stop();

      assertThat(local.awaitExit(PATIENCE)).isZero();
      JsonNode counts = JSON.readTree(local.result());
      assertThat(counts.path("decided").asLong()).isPositive();
      assertThat(counts.path("nodes").asInt()).isEqualTo(74);
      assertThat(counts.path("deadLetters").asLong()).isZero();
      assertThat(counts.path("models").findValuesAsText("serving")).containsOnlyOnce("true");
    }
  }

  @Test
  void stopsByItselfWhenTheTimeIsOver() throws Exception {
    try (RunningCommand local =
        RunningCommand.start(onAnyPorts("local", "--duration", "1s", "--rate", "2"))) {
      local.await(RUNNING, PATIENCE);

      assertThat(local.awaitExit(PATIENCE)).isZero();
      assertThat(JSON.readTree(local.result()).path("deadLetters").asLong()).isZero();
    }
  }

  @Test
  void isDoneWhenItIsStoppedWhileItStarts() throws Exception {
    try (RunningCommand local = RunningCommand.start(onAnyPorts("local"))) {
      local.await(Pattern.compile("^Starting Kafka"), PATIENCE);
      local.stop();

      assertThat(local.awaitExit(PATIENCE)).isZero();
      assertThat(local.result()).isEmpty();
    }
  }

  @Test
  void playsATraceInsteadOfAScenario() throws Exception {
    try (RunningCommand local =
        RunningCommand.start(
            onAnyPorts(
                "local",
                "--trace",
                pods().toString(),
                "--format",
                "openb",
                "--nodes",
                gpuNodes().toString(),
                "--speedup",
                "100",
                "--every",
                "500ms"))) {
      local.await(Pattern.compile("tasks %d in, %1$d decided".formatted(TASKS)), PATIENCE);
      local.stop();

      assertThat(local.awaitExit(PATIENCE)).isZero();
      JsonNode counts = JSON.readTree(local.result());
      assertThat(counts.path("tasksIn").asInt()).isEqualTo(TASKS);
      assertThat(counts.path("decided").asInt()).isEqualTo(TASKS);
      assertThat(counts.path("rejected").asInt()).isZero();
      assertThat(counts.path("nodes").asInt()).isEqualTo(NODES);
    }
  }

  /**
   * The scenario is played in a process of its own, and told by a command that nobody has decided
   * to put more on a node than it has: it is asked to stop, and must not call that done.
   */
  @Test
  void takesScenariosAndTracesOfEveryFormatFromOtherProcesses() throws Exception {
    try (RunningCommand local = RunningCommand.start(onAnyPorts("local", "--no-simulation"))) {
      String kafka = local.await(KAFKA, PATIENCE).group(1);
      local.await(RUNNING, PATIENCE);
      try (RunningCommand simulate =
          RunningCommand.start("simulate", "--rate", "0.5", "--bootstrap-servers", kafka)) {
        simulate.await(Pattern.compile("Ctrl-C stops"), PATIENCE);
        command(kafka, "too-large", "cpu-1", 1_000_000);

        replays(kafka, SWF_JOBS, SWF);
        replays(
            kafka, TASKS, pods().toString(), "--format", "openb", "--nodes", gpuNodes().toString());
        replays(kafka, TASKS, jsonLines().toString());

        awaitStart(kafka, "too-large");
        simulate.stop();
        assertThat(simulate.awaitExit(PATIENCE)).isEqualTo(1);
        JsonNode counts = JSON.readTree(simulate.result());
        assertThat(counts.path("overcommitments").asLong()).isEqualTo(1);
        assertThat(counts.path("allocated").asLong()).isPositive();
      }
      Ran simulated =
          Ran.of(
              "simulate", "--scenario", HOSPITAL, "--duration", "1s", "--bootstrap-servers", kafka);
      assertThat(simulated.exitCode()).as(simulated.toString()).isZero();
      assertThat(simulated.json().path("submitted").asLong()).isPositive();
      local.stop();
      assertThat(local.awaitExit(PATIENCE)).isZero();
    }
  }

  private static void replays(String kafka, int tasks, String... trace) {
    Ran ran =
        Ran.of(
            Stream.concat(
                    Stream.of("replay", "--speedup", "100", "--bootstrap-servers", kafka),
                    Stream.of(trace))
                .toArray(String[]::new));

    assertThat(ran.exitCode()).as(ran.toString()).isZero();
    assertThat(ran.json().path("submitted").asInt()).isEqualTo(tasks);
    assertThat(ran.json().path("allocated").asInt()).isEqualTo(tasks);
    assertThat(ran.json().path("over").asInt()).isEqualTo(tasks);
    assertThat(ran.json().path("overcommitments").asInt()).isZero();
  }

  private static String[] onAnyPorts(String... command) {
    return Stream.concat(Stream.of(command), Stream.of("--kafka-port", "0", "--flink-port", "0"))
        .toArray(String[]::new);
  }

  /** One comes every five seconds and runs for thirty, on half a GPU. */
  private Path pods() throws IOException {
    return Files.write(
        directory.resolve("pods.csv"),
        Stream.concat(
                Stream.of(
                    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,"
                        + "creation_time,scheduled_time,deletion_time"),
                IntStream.range(0, TASKS)
                    .mapToObj(
                        i ->
                            "pod-%d,2000,4096,1,500,,LS,Succeeded,%d,%2$d,%d"
                                .formatted(i, 5 * i, 5 * i + 30)))
            .toList());
  }

  private Path gpuNodes() throws IOException {
    return Files.write(
        directory.resolve("nodes.csv"),
        Stream.concat(
                Stream.of("sn,cpu_milli,memory_mib,gpu,model"),
                IntStream.range(0, NODES).mapToObj("gpu-%d,16000,65536,2,T4"::formatted))
            .toList());
  }

  private Path jsonLines() throws IOException {
    return Files.write(
        directory.resolve("tasks.jsonl"),
        Stream.concat(
                IntStream.range(0, NODES)
                    .mapToObj(
                        i ->
                            """
                            {"nodeId":"line-%d","pool":"lines","kind":"JOINED","observedAt":0,\
                            "capacity":{"cpuMillis":16000,"memoryMib":65536}}"""
                                .formatted(i)),
                IntStream.range(0, TASKS)
                    .mapToObj(
                        i ->
                            """
                            {"taskId":"line-%d","pool":"lines","tenant":"ann","taskType":"query",\
                            "submittedAt":%d,"request":{"cpuMillis":2000,"memoryMib":4096},\
                            "outcome":{"durationMillis":30000,"state":"SUCCEEDED"}}"""
                                .formatted(i, 5000 * i)))
            .toList());
  }

  /** Has a task put on a node, as the job would. */
  private static void command(String kafka, String taskId, String nodeId, long cpuMillis) {
    AllocationCommand command =
        AllocationCommand.newBuilder()
            .setCommandId(taskId + "#1")
            .setTaskId(taskId)
            .setGeneration(1)
            .setPool("general")
            .setTenant("ann")
            .setTaskType("train")
            .setAction(Action.ALLOCATE)
            .setShards(
                List.of(
                    new ShardPlacement(
                        0, nodeId, new Resources(cpuMillis, 0L, 0, 0L, 0L), List.of())))
            .setComplexity("LIGHT")
            .setReason(Reason.PLACED)
            .setDecidedAt(Instant.now())
            .build();
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka),
            new StringSerializer(),
            new ByteArraySerializer())) {
      // Closing waits for it.
      var unused =
          producer.send(
              new ProducerRecord<>(
                  Topic.ALLOCATION_COMMANDS.baseName(),
                  taskId,
                  RecordCodec.of(AllocationCommand.class).encode(command)));
    }
  }

  /** Waits until the task's node has said that it began. */
  private static void awaitStart(String kafka, String taskId) {
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topic.TASK_FEEDBACK.baseName()).stream()
              .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      boolean begun = false;
      while (!begun) {
        assertThat(System.nanoTime()).as("%s has not begun", taskId).isLessThan(deadline);
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          begun |= record.key().equals(taskId);
        }
      }
    }
  }

  @Test
  void saysWhichOptionIsWrongBeforeAnythingStarts() throws Exception {
    try (RunningCommand local =
        RunningCommand.start("local", "--set", "execution.flink.parallelism.default=abc")) {
      local.await(Pattern.compile("execution\\.flink\\.parallelism\\.default.*abc"), PATIENCE);
      assertThat(local.awaitExit(PATIENCE)).isEqualTo(2);
      assertThat(local.result()).isEmpty();
    }
  }

  @Test
  void tellsTheFirstAndTheLastOfAStackTrace() {
    assertThat(
            LocalCommand.causes(
                """
                java.lang.RuntimeException: it does not work
                \tat some.Place
                Caused by: java.io.IOException: in between
                Caused by: java.net.ConnectException: refused
                \tat some.OtherPlace
                """))
        .isEqualTo(
            "java.lang.RuntimeException: it does not work\n"
                + "Caused by: java.net.ConnectException: refused");
    assertThat(LocalCommand.causes("")).isEqualTo("Flink does not say why");
  }
}
