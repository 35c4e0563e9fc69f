package io.attentionflow.benchmarks.pipeline;

import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.ShardPlacement;
import io.attentionflow.schema.TaskFeedback;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.RecordCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * All nodes of a run: each task that is committed to them starts at once and ends well at once,
 * having run for a time that its type says, so that there is something to learn. One thread.
 */
final class Agents implements AutoCloseable {

  private static final Duration LINGER = Duration.ofMillis(5);

  private final String bootstrapServers;
  private final TopicNames names;
  private final List<TopicPartition> partitions;
  private final Thread thread;
  private volatile boolean closed;

  private Agents(String bootstrapServers, TopicNames names, List<TopicPartition> partitions) {
    this.bootstrapServers = bootstrapServers;
    this.names = names;
    this.partitions = partitions;
    thread = new Thread(this::answer, "benchmark-agents");
    thread.setDaemon(true);
  }

  static Agents start(TestBed bed, TopicNames names) throws Exception {
    Agents agents =
        new Agents(
            bed.bootstrapServers(), names, bed.partitions(names.of(Topic.ALLOCATION_COMMANDS)));
    agents.thread.start();
    return agents;
  }

  private void answer() {
    RecordCodec<AllocationCommand> codec = RecordCodec.of(AllocationCommand.class);
    try (var reader = new CommittedReader(bootstrapServers, partitions);
        Feed feed = new Feed(bootstrapServers, names, LINGER)) {
      while (!closed) {
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(50))) {
          AllocationCommand command = codec.decode(record.value()).orElseThrow();
          if (command.getAction() == Action.ALLOCATE) {
            for (ShardPlacement shard : command.getShards()) {
              feed.feedback(word(command, shard, FeedbackState.STARTED, 1));
              feed.feedback(word(command, shard, FeedbackState.SUCCEEDED, 2));
            }
          }
        }
      }
    }
  }

  private static TaskFeedback word(
      AllocationCommand command, ShardPlacement shard, FeedbackState state, long afterMillis) {
    Instant at = command.getDecidedAt().plusMillis(afterMillis);
    long seconds = 5L + (command.getTaskType().hashCode() & 0xFFF);
    Resources usage = shard.getResources();
    return TaskFeedback.newBuilder()
        .setTaskId(command.getTaskId())
        .setCommandId(command.getCommandId())
        .setPool(command.getPool())
        .setTenant(command.getTenant())
        .setTaskType(command.getTaskType())
        .setNodeId(shard.getNodeId())
        .setShard(shard.getShard())
        .setState(state)
        .setObservedAt(at)
        .setDurationMillis(state == FeedbackState.STARTED ? 0 : seconds * 1000)
        .setPeakUsage(usage)
        .setMeanUsage(usage)
        .build();
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    thread.join();
  }
}
