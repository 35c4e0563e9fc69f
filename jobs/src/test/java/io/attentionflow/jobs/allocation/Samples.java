package io.attentionflow.jobs.allocation;

import static java.util.Objects.requireNonNull;

import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.PolicyUpdate;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskEventKind;
import io.attentionflow.schema.TaskFeedback;
import io.attentionflow.schema.wire.Decoded;
import io.attentionflow.schema.wire.RecordCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/** Good records of each kind, for tests to spoil; and messages made of them. */
final class Samples {

  static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  static final PipelineOptions OPTIONS = PipelineOptions.defaults();

  private Samples() {}

  static Instant at(long seconds) {
    return NOON.plusSeconds(seconds);
  }

  static Origin origin(String topic, long offset) {
    return new Origin(topic, 0, offset, NOON.toEpochMilli());
  }

  /** A task of one core and 1 GiB. */
  static TaskEvent.Builder task(String taskId) {
    return TaskEvent.newBuilder()
        .setTaskId(taskId)
        .setPool("pool")
        .setTenant("ann")
        .setTaskType("sort")
        .setKind(TaskEventKind.SUBMIT)
        .setSubmittedAt(NOON)
        .setRequest(new Resources(1000L, 1024L, 0, 0L, 0L));
  }

  static TaskFeedback.Builder feedback(String taskId, FeedbackState state) {
    return TaskFeedback.newBuilder()
        .setTaskId(taskId)
        .setCommandId(taskId + "#1")
        .setPool("pool")
        .setTenant("ann")
        .setTaskType("sort")
        .setNodeId("node")
        .setState(state)
        .setObservedAt(NOON)
        .setDurationMillis(30_000);
  }

  /** A node of four cores and 8 GiB. */
  static NodeEvent.Builder node(String nodeId, NodeEventKind kind) {
    return NodeEvent.newBuilder()
        .setNodeId(nodeId)
        .setPool("pool")
        .setKind(kind)
        .setObservedAt(NOON)
        .setCapacity(new Resources(4000L, 8192L, 0, 0L, 0L));
  }

  static PolicyUpdate.Builder policy(String pool, long version, Map<String, String> settings) {
    return PolicyUpdate.newBuilder()
        .setPool(pool)
        .setVersion(version)
        .setUpdatedAt(NOON)
        .setSettings(settings);
  }

  /** The first snapshot of a learner of two classes, which nobody can restore. */
  static ModelUpdate model() {
    return ModelUpdate.newBuilder()
        .setModel("logistic")
        .setVersion(1)
        .setPublishedAt(NOON)
        .setExamples(10)
        .setFeatureSchema("tasks")
        .setClasses(List.of("LIGHT", "HEAVY"))
        .setSnapshot(ByteBuffer.allocate(8))
        .build();
  }

  static TaskMessage message(TaskEvent event) {
    return new TaskEventCheck(OPTIONS.input(), OPTIONS.time())
        .check(event, origin("task-events", 0))
        .orElseThrow();
  }

  static FeedbackMessage message(TaskFeedback feedback) {
    return new TaskFeedbackCheck(OPTIONS.input(), OPTIONS.time())
        .check(feedback, origin("task-feedback", 0))
        .orElseThrow();
  }

  static PoolMessage message(NodeEvent event) {
    return new NodeEventCheck(OPTIONS.input(), OPTIONS.time())
        .check(event, origin("node-events", 0))
        .orElseThrow();
  }

  static PolicyMessage message(PolicyUpdate update) {
    return new PolicyUpdateCheck(OPTIONS.input(), OPTIONS.time())
        .check(update, origin("policy-updates", 0))
        .orElseThrow();
  }

  @SuppressWarnings("unchecked") // the class of a record is the class of its kind
  static <A extends SpecificRecord> RawRecord raw(String topic, long offset, A record) {
    byte[] value = RecordCodec.of((Class<A>) record.getClass()).encode(record);
    return raw(topic, offset, value);
  }

  static RawRecord raw(String topic, long offset, byte[] value) {
    return new RawRecord(
        topic, 0, offset, NOON.toEpochMilli(), "key".getBytes(StandardCharsets.UTF_8), value);
  }

  /** A topic that holds these. */
  @SafeVarargs
  static <A extends SpecificRecord> TopicContents contents(String topic, A... records) {
    byte[][] values = new byte[records.length][];
    for (int i = 0; i < records.length; i++) {
      values[i] = requireNonNull(raw(topic, i, records[i]).value());
    }
    return contents(topic, values);
  }

  /** A topic that holds these bytes. */
  static TopicContents contents(String topic, byte[]... values) {
    return each -> {
      for (int i = 0; i < values.length; i++) {
        each.accept(raw(topic, i, values[i]));
      }
    };
  }

  static Backlog<ModelMessage> models(TopicContents contents) {
    return Backlog.of(
        contents, ModelUpdate.class, new ModelUpdateCheck(OPTIONS.input(), OPTIONS.time()));
  }

  static Backlog<PolicyMessage> policies(TopicContents contents) {
    return Backlog.of(
        contents, PolicyUpdate.class, new PolicyUpdateCheck(OPTIONS.input(), OPTIONS.time()));
  }

  static <T> Decoded.Failure<T> failure(Decoded<T> decoded) {
    if (decoded instanceof Decoded.Failure<T> failure) {
      return failure;
    }
    throw new AssertionError("Not refused: " + decoded);
  }
}
