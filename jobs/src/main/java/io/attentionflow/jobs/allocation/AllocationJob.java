package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.ModelEvaluation;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.ResourceDemand;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/**
 * The job {@code allocation}: {@link AllocationTopology} between Kafka topics.
 *
 * <p>Arguments: {@code --options FILE} for a file of one's own, and {@code key=value} for single
 * options; config/pipeline.yaml says which there are.
 */
public final class AllocationJob {

  /** Unless the options say otherwise; a savepoint can be restored with no other. */
  static final int MAX_PARALLELISM = 256;

  private static final String OPTIONS = "--options";

  private final StreamExecutionEnvironment env;
  private final PipelineOptions options;
  private final TopicNames topics;

  private AllocationJob(StreamExecutionEnvironment env, PipelineOptions options) {
    this.env = env;
    this.options = options;
    topics = options.kafka().topics();
  }

  /** Runs the job where Flink's command line says. */
  public static void main(String[] args) throws Exception {
    PipelineOptions options = options(args, System.getenv());
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    build(env, options);
    env.execute("attention-flow allocation");
  }

  /**
   * Options from arguments.
   *
   * @throws InvalidOptionException if one is not allowed; it names itself
   */
  static PipelineOptions options(String[] args, Map<String, String> environment) {
    Path file = null;
    Map<String, String> overrides = new TreeMap<>();
    for (int i = 0; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      if (args[i].equals(OPTIONS) && i + 1 < args.length) {
        file = Path.of(args[++i]);
      } else if (!args[i].startsWith("-") && equals > 0) {
        overrides.put(args[i].substring(0, equals), args[i].substring(equals + 1));
      } else {
        throw new InvalidOptionException(args[i], "is neither --options FILE nor key=value");
      }
    }
    return PipelineOptions.load(file, environment, overrides);
  }

  /**
   * Puts the job into an environment, and configures that as the job needs it: strict about types
   * and uids, checkpoints as often as the options say, and what they pass on to Flink last.
   */
  public static void build(StreamExecutionEnvironment env, PipelineOptions options) {
    AllocationJob job = new AllocationJob(env, options);
    configure(env, options);
    AllocationTopology.Outputs outputs =
        AllocationTopology.of(
            new AllocationTopology.Inputs(
                job.read(Topic.TASK_EVENTS),
                job.read(Topic.TASK_FEEDBACK),
                job.read(Topic.NODE_EVENTS),
                job.read(Topic.MODEL_UPDATES),
                job.contents(Topic.MODEL_UPDATES),
                job.read(Topic.POLICY_UPDATES),
                job.contents(Topic.POLICY_UPDATES)),
            options);
    job.write(
        outputs.commands(),
        Topic.ALLOCATION_COMMANDS,
        AllocationCommand.class,
        AllocationCommand::getTaskId,
        command -> command);
    job.write(
        outputs.decisions(),
        Topic.ALLOCATION_DECISIONS,
        AllocationDecision.class,
        AllocationDecision::getCommandId,
        decision -> decision);
    job.write(
        outputs.pending(),
        Topic.ALLOCATION_PENDING,
        PendingTask.class,
        PendingChange::taskId,
        PendingChange::task);
    job.write(
        outputs.demand(),
        Topic.RESOURCE_DEMAND,
        ResourceDemand.class,
        demand -> demand.getPool() + "/" + demand.getComplexity(),
        demand -> demand);
    job.write(
        outputs.models(),
        Topic.MODEL_UPDATES,
        ModelUpdate.class,
        model -> model.getModel() + "/" + model.getMember(),
        model -> model);
    job.write(
        outputs.evaluations(),
        Topic.MODEL_EVALUATIONS,
        ModelEvaluation.class,
        ModelEvaluation::getModel,
        evaluation -> evaluation);
    job.write(
        outputs.deadLetters(),
        Topic.DEAD_LETTERS,
        DeadLetter.class,
        DeadLetter::getTopic,
        deadLetter -> deadLetter);
  }

  /** What the job asks of any environment that it runs in. */
  public static void configure(StreamExecutionEnvironment env, PipelineOptions options) {
    env.configure(flink(options.delivery(), options.execution().flink()));
    if (options.execution().parallelism() > 0) {
      env.setParallelism(options.execution().parallelism());
    }
  }

  /** What the job asks for, and after it what is passed on, which may say otherwise. */
  static Configuration flink(
      PipelineOptions.Delivery delivery, SortedMap<String, String> passedOn) {
    Configuration flink = new Configuration();
    // A type that falls back to Kryo, or an operator without a uid, fails the start and not a
    // restore next year.
    flink.setString("pipeline.generic-types", "false");
    flink.setString("pipeline.auto-generate-uids", "false");
    // Safe: what goes from operator to operator is never changed afterwards.
    flink.setString("pipeline.object-reuse", "true");
    flink.setString("pipeline.max-parallelism", Integer.toString(MAX_PARALLELISM));
    // A task is handed on three times on its way to a command. By default each would wait for up to
    // 100 ms for others to go with; where many come, buffers are full before.
    flink.setString("execution.buffer-timeout.interval", "10ms");
    flink.setString(
        "execution.checkpointing.interval", delivery.checkpointInterval().toMillis() + "ms");
    flink.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    flink.setString(
        "execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
    passedOn.forEach(flink::setString);
    return flink;
  }

  private DataStream<RawRecord> read(Topic topic) {
    KafkaSource<RawRecord> source =
        KafkaSource.<RawRecord>builder()
            .setTopics(topics.of(topic))
            .setGroupId(options.kafka().groupId())
            .setClientIdPrefix(options.kafka().groupId() + "-" + topic.baseName())
            .setStartingOffsets(start(topic))
            .setDeserializer(new RawRecordDeserializer())
            .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
            .setProperties(properties())
            .setBootstrapServers(options.kafka().bootstrapServers())
            .build();
    return env.fromSource(source, WatermarkStrategy.noWatermarks(), "read " + topic.baseName())
        .uid("read-" + topic.baseName());
  }

  private TopicContents contents(Topic topic) {
    return new KafkaTopicContents(
        topics.of(topic), options.kafka().bootstrapServers(), options.kafka().properties());
  }

  /** Models and policies hold from when they were written, however long ago. */
  private OffsetsInitializer start(Topic topic) {
    if (topic == Topic.MODEL_UPDATES || topic == Topic.POLICY_UPDATES) {
      return OffsetsInitializer.earliest();
    }
    return switch (options.kafka().start()) {
      case COMMITTED -> committedOrEarliest();
      case EARLIEST -> OffsetsInitializer.earliest();
      case LATEST -> OffsetsInitializer.latest();
    };
  }

  @SuppressWarnings("deprecation") // the connector's interface names no successor
  private static OffsetsInitializer committedOrEarliest() {
    return OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST);
  }

  private <T, A extends SpecificRecord> void write(
      DataStream<T> stream,
      Topic topic,
      Class<A> record,
      RecordSerializer.Part<T, String> key,
      RecordSerializer.Part<T, @Nullable A> value) {
    KafkaSinkBuilder<T> sink =
        KafkaSink.<T>builder()
            .setBootstrapServers(options.kafka().bootstrapServers())
            .setKafkaProducerConfig(producerProperties(options))
            .setProperty(
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(topic.maxMessageBytes()))
            .setRecordSerializer(new RecordSerializer<>(topic, topics, record, key, value));
    switch (options.delivery().guarantee()) {
      case EXACTLY_ONCE ->
          sink.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
              .setTransactionalIdPrefix(
                  options.delivery().transactionPrefix() + "-" + topics.of(topic))
              // Few ids, used again and again: a new one each checkpoint would pile up on brokers.
              .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
              .setProperty(
                  ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                  Long.toString(options.delivery().transactionTimeout().toMillis()));
      case AT_LEAST_ONCE -> sink.setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE);
    }
    stream.sinkTo(sink.build()).uid("write-" + topic.baseName()).name("write " + topic.baseName());
  }

  /**
   * What producers are configured with: what the options say, and larger batches than Kafka makes
   * by default where nobody sees a record before the next checkpoint in any case. Every sink of
   * every subtask has a producer, so that there are many, each with little to send at a time.
   */
  public static Properties producerProperties(PipelineOptions options) {
    return producerProperties(options.delivery().guarantee(), options.kafka().properties());
  }

  static Properties producerProperties(
      PipelineOptions.Delivery.Guarantee guarantee, SortedMap<String, String> passedOn) {
    Properties properties = new Properties();
    if (guarantee == PipelineOptions.Delivery.Guarantee.EXACTLY_ONCE) {
      properties.put(ProducerConfig.LINGER_MS_CONFIG, "50");
      properties.put(ProducerConfig.BATCH_SIZE_CONFIG, "131072");
    }
    properties.putAll(passedOn);
    return properties;
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.putAll(options.kafka().properties());
    return properties;
  }
}
