package io.attentionflow.schema.topic;

import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.ModelEvaluation;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.PolicyUpdate;
import io.attentionflow.schema.ResourceDemand;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskFeedback;
import java.time.Duration;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue: every topic there is, and how it is laid out unless the operator says otherwise.
 *
 * <p>Keys are UTF-8 strings, values single records of one class (see {@code schema.wire}). The
 * {@link #defaultPartitions() partitions} of a topic bound how many can read it side by side; they
 * are chosen for some ten thousand tasks a second, and cannot be made fewer later.
 *
 * <p>All topics carry the <b>broker's time</b> ({@code message.timestamp.type=LogAppendTime}),
 * since the time of the event is in the record. So retention counts from the day that a record was
 * written, also where an old trace is replayed, and the job can tell how far ahead of the broker's
 * clock an event claims to be.
 */
public enum Topic {
  TASK_EVENTS("task-events", "task id", TaskEvent.class, 8, Cleanup.DELETE, Duration.ofDays(7)),
  TASK_FEEDBACK(
      "task-feedback", "task id", TaskFeedback.class, 8, Cleanup.DELETE, Duration.ofDays(7)),
  NODE_EVENTS("node-events", "node id", NodeEvent.class, 4, Cleanup.DELETE, Duration.ofDays(1)),
  ALLOCATION_COMMANDS(
      "allocation-commands",
      "task id",
      AllocationCommand.class,
      8,
      Cleanup.COMPACT_AND_DELETE,
      Duration.ofDays(30)),
  ALLOCATION_DECISIONS(
      "allocation-decisions",
      "command id",
      AllocationDecision.class,
      8,
      Cleanup.DELETE,
      Duration.ofDays(7)),
  /** A tombstone says that the task is pending no more. */
  ALLOCATION_PENDING(
      "allocation-pending",
      "task id",
      PendingTask.class,
      4,
      Cleanup.COMPACT_AND_DELETE,
      Duration.ofDays(30)),
  RESOURCE_DEMAND(
      "resource-demand",
      "pool/class",
      ResourceDemand.class,
      1,
      Cleanup.COMPACT_AND_DELETE,
      Duration.ofDays(30)),
  /** One partition: a reader must see the members of a model in the order they were written. */
  MODEL_UPDATES("model-updates", "model/member", ModelUpdate.class, 1, Cleanup.COMPACT, null),
  MODEL_EVALUATIONS(
      "model-evaluations", "model", ModelEvaluation.class, 1, Cleanup.DELETE, Duration.ofDays(30)),
  /** One partition: the newest policy wins, so there must be one order. */
  POLICY_UPDATES("policy-updates", "pool, or *", PolicyUpdate.class, 1, Cleanup.COMPACT, null),
  DEAD_LETTERS(
      "dead-letters", "source topic", DeadLetter.class, 1, Cleanup.DELETE, Duration.ofDays(14));

  private final String baseName;
  private final String keyMeaning;
  private final Class<? extends SpecificRecord> record;
  private final int defaultPartitions;
  private final Cleanup cleanup;
  private final @Nullable Duration defaultRetention;

  Topic(
      String baseName,
      String keyMeaning,
      Class<? extends SpecificRecord> record,
      int defaultPartitions,
      Cleanup cleanup,
      @Nullable Duration defaultRetention) {
    this.baseName = baseName;
    this.keyMeaning = keyMeaning;
    this.record = record;
    this.defaultPartitions = defaultPartitions;
    this.cleanup = cleanup;
    this.defaultRetention = defaultRetention;
  }

  /** What becomes of old records. */
  public enum Cleanup {
    /** They go after the retention. */
    DELETE("delete"),
    /** The newest of each key stays. */
    COMPACT("compact"),
    /** The newest of each key stays, until the retention. */
    COMPACT_AND_DELETE("compact,delete");

    private final String policy;

    Cleanup(String policy) {
      this.policy = policy;
    }

    /** The same as a value of Kafka's {@code cleanup.policy}. */
    public String policy() {
      return policy;
    }
  }

  /**
   * The largest record that it takes, bytes: of models more than the megabyte that brokers take by
   * default, since a snapshot of a forest is larger.
   */
  public int maxMessageBytes() {
    return this == MODEL_UPDATES ? 16 * 1024 * 1024 : 1024 * 1024;
  }

  /** Its name where there is no prefix; see {@link TopicNames}. */
  public String baseName() {
    return baseName;
  }

  /** What its keys are, for people. */
  public String keyMeaning() {
    return keyMeaning;
  }

  /** The class of its records. */
  public Class<? extends SpecificRecord> record() {
    return record;
  }

  /** How many partitions it gets unless the operator says otherwise. */
  public int defaultPartitions() {
    return defaultPartitions;
  }

  /** What becomes of its old records. */
  public Cleanup cleanup() {
    return cleanup;
  }

  /** How long it keeps records unless the operator says otherwise; empty: for ever. */
  public Optional<Duration> defaultRetention() {
    return Optional.ofNullable(defaultRetention);
  }
}
