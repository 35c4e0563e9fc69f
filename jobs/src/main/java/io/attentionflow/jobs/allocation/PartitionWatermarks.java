package io.attentionflow.jobs.allocation;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.eventtime.TimestampAssignerSupplier;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.util.clock.RelativeClock;

/**
 * Event time of decoded messages: bounded lateness within each partition, the slowest partition
 * decides, and one that has fallen silent does not count. No event moves it past the time at which
 * the broker took the event in.
 *
 * <p>Says nothing until a partition could have fallen silent. Which partitions a source reads shows
 * only as they speak, and one may bring the backlog of a long outage before the next is heard of;
 * to go by it would be to call silent whoever lives in the next.
 *
 * <p>Flink's own watermarks by split are made in the source, before anything is decoded; there, one
 * time in the far future would drag time forward before it can be found out.
 */
final class PartitionWatermarks<M extends Message> implements WatermarkGenerator<M> {

  private final long latenessMillis;
  private final long idlenessMillis;
  private final RelativeClock clock;
  private final List<Partition> partitions = new ArrayList<>();
  private final long startedMillis;
  private long activeMillis;

  PartitionWatermarks(PipelineOptions.Time time, RelativeClock clock) {
    latenessMillis = time.lateness().toMillis();
    idlenessMillis = time.idleness().toMillis();
    this.clock = clock;
    startedMillis = clock.relativeTimeMillis();
    activeMillis = startedMillis;
  }

  /** How far one partition has come. */
  private static final class Partition {
    final int number;
    long latestMillis = Long.MIN_VALUE;
    long heardMillis;
    boolean spoke;

    Partition(int number) {
      this.number = number;
    }
  }

  /** Timestamps that messages carry, and watermarks after them. */
  static <M extends Message> WatermarkStrategy<M> strategy(PipelineOptions.Time time) {
    return new Strategy<>(time);
  }

  /**
   * Of streams that wait to be looked at, such as models and policies: they have timestamps and
   * never hold time back nor move it.
   */
  static <M extends Message> WatermarkStrategy<M> timeless() {
    return new Timeless<>();
  }

  private record Strategy<M extends Message>(PipelineOptions.Time time)
      implements WatermarkStrategy<M> {

    @Override
    public WatermarkGenerator<M> createWatermarkGenerator(
        WatermarkGeneratorSupplier.Context context) {
      return new PartitionWatermarks<>(time, context.getInputActivityClock());
    }

    @Override
    public TimestampAssigner<M> createTimestampAssigner(TimestampAssignerSupplier.Context context) {
      return (message, previous) -> message.at().toEpochMilli();
    }
  }

  private record Timeless<M extends Message>() implements WatermarkStrategy<M> {

    @Override
    public WatermarkGenerator<M> createWatermarkGenerator(
        WatermarkGeneratorSupplier.Context context) {
      return new WatermarkGenerator<>() {
        @Override
        public void onEvent(M message, long timestamp, WatermarkOutput output) {}

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
          output.markIdle();
        }
      };
    }

    @Override
    public TimestampAssigner<M> createTimestampAssigner(TimestampAssignerSupplier.Context context) {
      return (message, previous) -> message.at().toEpochMilli();
    }
  }

  @Override
  public void onEvent(M message, long timestamp, WatermarkOutput output) {
    Partition partition = partition(message.origin().partition());
    // A clock that runs fast must not make those look silent whose clocks are right.
    long believed = Math.min(timestamp, message.origin().brokerTimeMillis());
    partition.latestMillis = Math.max(partition.latestMillis, believed);
    partition.spoke = true;
  }

  private Partition partition(int number) {
    for (Partition partition : partitions) {
      if (partition.number == number) {
        return partition;
      }
    }
    Partition partition = new Partition(number);
    partitions.add(partition);
    return partition;
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    long now = clock.relativeTimeMillis();
    long slowest = Long.MAX_VALUE;
    for (Partition partition : partitions) {
      if (partition.spoke) {
        partition.spoke = false;
        partition.heardMillis = now;
        activeMillis = now;
      }
      if (now - partition.heardMillis < idlenessMillis) {
        slowest = Math.min(slowest, partition.latestMillis);
      }
    }
    if (now - startedMillis < idlenessMillis) {
      return;
    }
    if (slowest != Long.MAX_VALUE) {
      output.emitWatermark(new Watermark(slowest - latenessMillis - 1));
    } else if (now - activeMillis >= idlenessMillis) {
      output.markIdle();
    }
  }
}
