package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.schema.wire.RecordCodec;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A topic of one partition that a test writes to while the job runs, in the same JVM. What a job
 * has read is gone, so a job that is stopped with a savepoint goes on where it stopped.
 */
final class TestTopic {

  private static final double POLLS_PER_SECOND = 2000;

  private static final Map<String, Queue<RawRecord>> QUEUES = new ConcurrentHashMap<>();

  private final String name;
  private final String id;
  private final AtomicLong offset = new AtomicLong();

  /**
   * @param name of the topic
   * @param id unique in the JVM
   */
  TestTopic(String name, String id) {
    this.name = name;
    this.id = id;
  }

  /** Writes a record whose broker's time is its own. */
  @SuppressWarnings("unchecked") // the class of a record is the class of its kind
  <A extends SpecificRecord> void write(A record, Instant at) {
    write(RecordCodec.of((Class<A>) record.getClass()).encode(record), at);
  }

  void write(byte[] value, Instant at) {
    queue(id).add(new RawRecord(name, 0, offset.getAndIncrement(), at.toEpochMilli(), null, value));
  }

  DataStream<RawRecord> stream(StreamExecutionEnvironment env) {
    String of = id;
    GeneratorFunction<Long, RawRecord> next = unused -> queue(of).poll();
    return env.fromSource(
            new DataGeneratorSource<>(
                next,
                Long.MAX_VALUE,
                RateLimiterStrategy.perSecond(POLLS_PER_SECOND),
                new LayoutTypeInfo<>(RawRecordLayout.INSTANCE)),
            WatermarkStrategy.noWatermarks(),
            "poll " + name)
        .setParallelism(1)
        .uid("poll-" + name)
        .filter(Objects::nonNull)
        .setParallelism(1)
        .uid("read-" + name)
        .name("read " + name);
  }

  private static Queue<RawRecord> queue(String id) {
    return QUEUES.computeIfAbsent(id, unused -> new ConcurrentLinkedQueue<>());
  }
}
