package io.attentionflow.launcher.pipeline;

import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.PolicyUpdate;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.topic.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** One record of each kind that is of no use, and what is wrong with it. */
final class BadRecords {

  private static final String POOL = "blue";

  private static final String TOO_LONG = "x".repeat(200_000);

  private final World world;
  private final Instant now;
  private final List<Bad> all = new ArrayList<>();

  /**
   * A record of no use.
   *
   * @param keyInLetter its key, unless that is huge or the record looked well until it met what the
   *     pool knows
   * @param valueInLetter the same of its value
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed
  record Bad(
      Topic topic,
      DeadLetterReason reason,
      byte @Nullable [] key,
      byte @Nullable [] value,
      byte @Nullable [] keyInLetter,
      byte @Nullable [] valueInLetter) {

    /** One that nobody could read. */
    static Bad unreadable(
        Topic topic, DeadLetterReason reason, byte @Nullable [] key, byte @Nullable [] value) {
      return new Bad(topic, reason, key, value, key, value);
    }

    /** One that looked well until it met what the pool knows. */
    static Bad late(Topic topic, DeadLetterReason reason, byte[] key, byte[] value) {
      return new Bad(topic, reason, key, value, null, null);
    }
  }

  private BadRecords(World world) {
    this.world = world;
    now = world.now();
  }

  static List<Bad> all(World world) {
    BadRecords records = new BadRecords(world);
    records.bytes();
    records.tasks();
    records.feedback();
    records.nodes();
    records.modelsAndPolicies();
    return records.all;
  }

  private void bytes() {
    byte[] good = world.encode(task().build());
    byte[] unknownSchema = good.clone();
    unknownSchema[5] ^= 1;
    byte[] garbage = "{\"taskId\": \"this is JSON\"}".getBytes(StandardCharsets.UTF_8);
    for (Topic topic : List.of(Topic.TASK_EVENTS, Topic.TASK_FEEDBACK, Topic.NODE_EVENTS)) {
      add(topic, DeadLetterReason.NOT_SINGLE_OBJECT, garbage);
    }
    byte[] huge = new byte[1_048_000];
    all.add(
        new Bad(Topic.TASK_EVENTS, DeadLetterReason.NOT_SINGLE_OBJECT, key(), huge, key(), null));
    all.add(
        new Bad(
            Topic.TASK_EVENTS,
            DeadLetterReason.NOT_SINGLE_OBJECT,
            new byte[1_000_000],
            garbage,
            null,
            garbage));
    add(Topic.TASK_EVENTS, DeadLetterReason.EMPTY, new byte[0]);
    for (Topic topic :
        List.of(
            Topic.TASK_FEEDBACK, Topic.NODE_EVENTS, Topic.MODEL_UPDATES, Topic.POLICY_UPDATES)) {
      all.add(Bad.unreadable(topic, DeadLetterReason.EMPTY, key(), null));
    }
    all.add(Bad.unreadable(Topic.TASK_EVENTS, DeadLetterReason.EMPTY, null, null));
    add(Topic.TASK_EVENTS, DeadLetterReason.UNKNOWN_SCHEMA, unknownSchema);
    add(Topic.TASK_EVENTS, DeadLetterReason.UNDECODABLE, Arrays.copyOf(good, good.length - 1));
    add(Topic.TASK_EVENTS, DeadLetterReason.UNDECODABLE, Arrays.copyOf(good, good.length + 1));
    add(Topic.TASK_FEEDBACK, DeadLetterReason.WRONG_RECORD, good);
    add(Topic.NODE_EVENTS, DeadLetterReason.WRONG_RECORD, good);
  }

  private TaskEvent.Builder task() {
    return Samples.task("spoilt", POOL, "ann", now);
  }

  private void tasks() {
    add(Topic.TASK_EVENTS, DeadLetterReason.MISSING_ID, task().setTaskId("").build());
    add(Topic.TASK_EVENTS, DeadLetterReason.MISSING_POOL, task().setPool("").build());
    add(Topic.TASK_EVENTS, DeadLetterReason.UNKNOWN_POOL, task().setPool("mauve").build());
    add(
        Topic.TASK_EVENTS,
        DeadLetterReason.NEGATIVE_AMOUNT,
        task().setRequest(Samples.cpu(-1, 1024)).build());
    add(
        Topic.TASK_EVENTS,
        DeadLetterReason.ABSURD_AMOUNT,
        task().setRequest(Samples.cpu(1000, Long.MAX_VALUE)).build());
    add(
        Topic.TASK_EVENTS,
        DeadLetterReason.ABSURD_AMOUNT,
        task().setRequest(new Resources(1000L, 1024L, 2, 500L, 0L)).build());
    add(
        Topic.TASK_EVENTS,
        DeadLetterReason.INVALID_SHARDS,
        task().setMinShards(3).setMaxShards(2).build());
    add(
        Topic.TASK_EVENTS,
        DeadLetterReason.TIME_IN_FUTURE,
        task().setSubmittedAt(Instant.parse("2199-01-01T00:00:00Z")).build());
    add(
        Topic.TASK_EVENTS,
        DeadLetterReason.TIME_INVALID,
        task().setSubmittedAt(Instant.ofEpochMilli(Long.MAX_VALUE)).build());
    add(
        Topic.TASK_EVENTS,
        DeadLetterReason.TIME_INVALID,
        task().setSubmittedAt(Instant.ofEpochMilli(-1)).build());
  }

  private void feedback() {
    add(
        Topic.TASK_FEEDBACK,
        DeadLetterReason.MISMATCHED_COMMAND,
        Samples.feedback("spoilt", POOL, now).setCommandId("another#1").build());
    add(
        Topic.TASK_FEEDBACK,
        DeadLetterReason.MISSING_ID,
        Samples.feedback("spoilt", POOL, now).setNodeId("").build());
    add(
        Topic.TASK_FEEDBACK,
        DeadLetterReason.NEGATIVE_AMOUNT,
        Samples.feedback("spoilt", POOL, now).setDurationMillis(-1).build());
    add(
        Topic.TASK_FEEDBACK,
        DeadLetterReason.ABSURD_AMOUNT,
        Samples.feedback("spoilt", POOL, now).setTaskType(TOO_LONG).build());
    add(
        Topic.TASK_FEEDBACK,
        DeadLetterReason.TIME_IN_FUTURE,
        Samples.feedback("spoilt", POOL, now.plus(Duration.ofDays(36500))).build());
    addLate(
        Topic.TASK_FEEDBACK,
        DeadLetterReason.UNKNOWN_TASK,
        Samples.feedback("nobody", POOL, now).build());
  }

  private void nodes() {
    Resources capacity = Samples.cpu(8000, 8192);
    add(
        Topic.NODE_EVENTS,
        DeadLetterReason.MISSING_ID,
        Samples.heartbeat("", POOL, capacity, now).build());
    add(
        Topic.NODE_EVENTS,
        DeadLetterReason.UNKNOWN_POOL,
        Samples.heartbeat("ghost", "mauve", capacity, now).build());
    add(
        Topic.NODE_EVENTS,
        DeadLetterReason.NEGATIVE_AMOUNT,
        Samples.heartbeat("ghost", POOL, Samples.cpu(8000, -8192), now).build());
    add(
        Topic.NODE_EVENTS,
        DeadLetterReason.ABSURD_AMOUNT,
        Samples.heartbeat("ghost", POOL, Samples.cpu(Long.MAX_VALUE, 8192), now).build());
    add(
        Topic.NODE_EVENTS,
        DeadLetterReason.ABSURD_AMOUNT,
        Samples.heartbeat(TOO_LONG, POOL, capacity, now).build());
    add(
        Topic.NODE_EVENTS,
        DeadLetterReason.TIME_IN_FUTURE,
        Samples.heartbeat("ghost", POOL, capacity, now.plus(Duration.ofDays(36500))).build());
    addLate(
        Topic.NODE_EVENTS,
        DeadLetterReason.ABSURD_AMOUNT,
        Samples.heartbeat("ghost", POOL, new Resources(1L, 1L, 5000, 1000L, 0L), now).build());
    for (NodeEventKind kind : List.of(NodeEventKind.LEFT, NodeEventKind.DRAINING)) {
      addLate(
          Topic.NODE_EVENTS,
          DeadLetterReason.UNKNOWN_NODE,
          Samples.heartbeat("ghost", POOL, capacity, now).setKind(kind).build());
    }
  }

  private void modelsAndPolicies() {
    add(Topic.MODEL_UPDATES, DeadLetterReason.WRONG_RECORD, task().build());
    add(Topic.MODEL_UPDATES, DeadLetterReason.MISSING_ID, model().setVersion(0).build());
    add(
        Topic.MODEL_UPDATES,
        DeadLetterReason.ABSURD_AMOUNT,
        model().setFeatureSchema(TOO_LONG).build());
    add(
        Topic.MODEL_UPDATES,
        DeadLetterReason.ABSURD_AMOUNT,
        model().setClasses(List.of(TOO_LONG)).build());
    add(
        Topic.POLICY_UPDATES,
        DeadLetterReason.INVALID_POLICY,
        policy(Map.of("ordering", "chaos")).build());
    add(
        Topic.POLICY_UPDATES,
        DeadLetterReason.ABSURD_AMOUNT,
        policy(Map.of("seed", "0".repeat(200_000))).build());
    add(
        Topic.POLICY_UPDATES,
        DeadLetterReason.ABSURD_AMOUNT,
        policy(Map.of()).setShadow(TOO_LONG).build());
  }

  private ModelUpdate.Builder model() {
    return ModelUpdate.newBuilder()
        .setModel("logistic")
        .setVersion(1)
        .setPublishedAt(now)
        .setExamples(0)
        .setFeatureSchema("")
        .setSnapshot(ByteBuffer.allocate(0))
        .setClasses(List.of());
  }

  private PolicyUpdate.Builder policy(Map<String, String> settings) {
    return PolicyUpdate.newBuilder()
        .setPool(POOL)
        .setVersion(1)
        .setUpdatedAt(now)
        .setSettings(settings);
  }

  private <A extends SpecificRecord> void add(Topic topic, DeadLetterReason reason, A record) {
    add(topic, reason, world.encode(record));
  }

  private void add(Topic topic, DeadLetterReason reason, byte[] value) {
    all.add(Bad.unreadable(topic, reason, key(), value));
  }

  private <A extends SpecificRecord> void addLate(Topic topic, DeadLetterReason reason, A record) {
    all.add(Bad.late(topic, reason, key(), world.encode(record)));
  }

  /** Not even UTF-8; and another each time, so that all partitions get their share. */
  private byte[] key() {
    return new byte[] {(byte) 0xFF, (byte) all.size()};
  }
}
