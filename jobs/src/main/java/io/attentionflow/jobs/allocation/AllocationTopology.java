package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.ModelEvaluation;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.PolicyUpdate;
import io.attentionflow.schema.ResourceDemand;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskFeedback;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * From what submitters and nodes say to what nodes are to do, and to models that learn from it.
 *
 * <pre>
 * tasks ---> decode -- by tenant --> classify -- by pool --> allocate --> commands
 *                                     ^ ^  |                  ^ ^ ^ \---> decisions
 * feedback > decode -- by tenant -----' |  |                  | | | \---> pending
 *               \----- by pool ---------|--|------------------' | | \-- by pool and
 * nodes ---> decode -- by pool ---------|--|--------------------' |      class --> demand
 * policies > decode -- to all ----------|--|----------------------'
 * models --> decode -- to all ----------'  | examples
 *               \----- to all --> train <--' to all
 *                                  \---> models, evaluations
 * every decode, classify and allocate --> dead letters
 * </pre>
 *
 * <p>{@code classify} profiles a task, too: a vector of features is large, and only it needs one.
 * Cancellations go the way of submissions, so that none overtakes its own task.
 */
public final class AllocationTopology {

  private AllocationTopology() {}

  /**
   * The streams that the job reads, each of one topic.
   *
   * @param modelsBefore what the topic of models holds when the job starts
   * @param policiesBefore what the topic of policies holds when the job starts
   */
  public record Inputs(
      DataStream<RawRecord> tasks,
      DataStream<RawRecord> feedback,
      DataStream<RawRecord> nodes,
      DataStream<RawRecord> models,
      TopicContents modelsBefore,
      DataStream<RawRecord> policies,
      TopicContents policiesBefore) {}

  /** The streams that the job writes, each to one topic. */
  public record Outputs(
      DataStream<AllocationCommand> commands,
      DataStream<AllocationDecision> decisions,
      DataStream<PendingChange> pending,
      DataStream<ResourceDemand> demand,
      DataStream<ModelUpdate> models,
      DataStream<ModelEvaluation> evaluations,
      DataStream<DeadLetter> deadLetters) {}

  /** A topic's messages, with their times, and what was none. */
  private record Decoded<M extends Message>(
      DataStream<M> messages, DataStream<DeadLetter> deadLetters) {}

  /** Wires the job, with the parallelism of the environment that the streams are of. */
  public static Outputs of(Inputs inputs, PipelineOptions options) {
    PipelineOptions.Input bounds = options.input();
    PipelineOptions.Time time = options.time();
    ModelUpdateCheck modelCheck = new ModelUpdateCheck(bounds, time);
    Backlog<ModelMessage> modelsBefore =
        Backlog.of(inputs.modelsBefore(), ModelUpdate.class, modelCheck);
    PolicyUpdateCheck policyCheck = new PolicyUpdateCheck(bounds, time);
    Backlog<PolicyMessage> policiesBefore =
        Backlog.of(inputs.policiesBefore(), PolicyUpdate.class, policyCheck);

    Decoded<TenantMessage> tasks =
        decode(
            inputs.tasks(),
            "tasks",
            new DecodeFunction<>(TaskEvent.class, new TaskEventCheck(bounds, time)),
            TenantMessageLayout.INSTANCE,
            PartitionWatermarks.strategy(time));
    Decoded<TenantMessage> feedback =
        decode(
            inputs.feedback(),
            "feedback",
            new DecodeFunction<>(TaskFeedback.class, new TaskFeedbackCheck(bounds, time)),
            TenantMessageLayout.INSTANCE,
            PartitionWatermarks.strategy(time));
    Decoded<PoolMessage> nodes =
        decode(
            inputs.nodes(),
            "nodes",
            new DecodeFunction<>(NodeEvent.class, new NodeEventCheck(bounds, time)),
            PoolMessageLayout.INSTANCE,
            PartitionWatermarks.strategy(time));
    Decoded<ModelMessage> models =
        decode(
            inputs.models(),
            "models",
            new DecodeFunction<>(ModelUpdate.class, modelCheck),
            ModelMessageLayout.INSTANCE,
            PartitionWatermarks.timeless());
    Decoded<PolicyMessage> policies =
        decode(
            inputs.policies(),
            "policies",
            new DecodeFunction<>(PolicyUpdate.class, policyCheck),
            PolicyMessageLayout.INSTANCE,
            PartitionWatermarks.timeless());

    SingleOutputStreamOperator<PoolMessage> classified =
        tasks
            .messages()
            .union(feedback.messages())
            .keyBy(TenantMessage::tenant, Types.STRING)
            .connect(models.messages().broadcast())
            .transform(
                "classify",
                new LayoutTypeInfo<>(PoolMessageLayout.INSTANCE),
                new WriteBehind<>(
                    new ClassifyFunction(options.learning(), modelsBefore),
                    List.of(ClassifyFunction.MODELS)))
            .uid("classify")
            .name("profile and classify tasks");

    SingleOutputStreamOperator<PoolMessage> feedbackByPool =
        feedback
            .messages()
            .map(message -> PoolMessage.of((FeedbackMessage) message))
            .returns(new LayoutTypeInfo<>(PoolMessageLayout.INSTANCE))
            .uid("feedback-to-pool")
            .name("feedback to pool events");

    SingleOutputStreamOperator<AllocationCommand> commands =
        classified
            .union(feedbackByPool, nodes.messages())
            .keyBy(PoolMessage::pool, Types.STRING)
            .connect(policies.messages().broadcast())
            .transform(
                "allocate",
                new AvroTypeInfo<>(AllocationCommand.class),
                new WriteBehind<>(
                    new AllocateFunction(options.policy(), policiesBefore),
                    List.of(AllocateFunction.POLICIES, AllocateFunction.SHADOWS)))
            .uid("allocate")
            .name("allocate tasks to nodes");

    SingleOutputStreamOperator<ResourceDemand> demand =
        commands
            .getSideOutput(AllocateFunction.DEMAND)
            .keyBy(DemandMessage::key, Types.STRING)
            .process(new DemandFunction(options.demand()))
            .returns(new AvroTypeInfo<>(ResourceDemand.class))
            .uid("demand")
            .name("count demand by pool and class");

    SingleOutputStreamOperator<ModelUpdate> trained =
        classified
            .getSideOutput(ClassifyFunction.EXAMPLES)
            .broadcast()
            .connect(models.messages().broadcast())
            .process(new TrainFunction(options.learning(), modelsBefore))
            .returns(new AvroTypeInfo<>(ModelUpdate.class))
            .uid("train")
            .name("train learners");

    return new Outputs(
        commands,
        commands.getSideOutput(AllocateFunction.DECISIONS),
        commands.getSideOutput(AllocateFunction.PENDING),
        demand,
        trained,
        trained.getSideOutput(TrainFunction.EVALUATIONS),
        tasks
            .deadLetters()
            .union(
                feedback.deadLetters(),
                nodes.deadLetters(),
                models.deadLetters(),
                policies.deadLetters(),
                classified.getSideOutput(DeadLetters.TAG),
                commands.getSideOutput(DeadLetters.TAG)));
  }

  private static <A extends SpecificRecord, M extends Message> Decoded<M> decode(
      DataStream<RawRecord> raw,
      String what,
      DecodeFunction<A, M> function,
      Layout<M> layout,
      WatermarkStrategy<M> watermarks) {
    SingleOutputStreamOperator<M> decoded =
        raw.process(function)
            .returns(new LayoutTypeInfo<>(layout))
            .uid("decode-" + what)
            .name("decode " + what);
    DataStream<M> timed =
        decoded
            .assignTimestampsAndWatermarks(watermarks)
            .uid("time-" + what)
            .name("event time of " + what);
    return new Decoded<>(timed, decoded.getSideOutput(DeadLetters.TAG));
  }
}
