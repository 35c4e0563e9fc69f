package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.PoolEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.util.clock.RelativeClock;
import org.junit.jupiter.api.Test;

class PartitionWatermarksTest {

  private static final String IDLE = "idle";

  /** Watermarks without the lateness that they allow, or {@link #IDLE}. */
  private final List<Object> said = new ArrayList<>();

  private long clockMillis = 1_000_000;

  private final PartitionWatermarks<PoolMessage> watermarks =
      new PartitionWatermarks<>(
          new PipelineOptions.Time(
              Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofMinutes(5)),
          new RelativeClock() {
            @Override
            public long relativeTimeMillis() {
              return clockMillis;
            }

            @Override
            public long relativeTimeNanos() {
              return clockMillis * 1_000_000;
            }
          });

  private final WatermarkOutput output =
      new WatermarkOutput() {
        @Override
        public void emitWatermark(Watermark watermark) {
          said.add(watermark.getTimestamp() + 2001);
        }

        @Override
        public void markIdle() {
          said.add(IDLE);
        }

        @Override
        public void markActive() {}
      };

  @Test
  void letsTheSlowestPartitionDecide() {
    begin();
    hear(0, 100_000);
    hear(1, 50_000);
    hear(1, 40_000);
    pass(1000);
    hear(1, 200_000);
    pass(1000);

    assertThat(said).containsExactly(50_000L, 100_000L);
  }

  @Test
  void isNotDraggedForwardByAClockThatRunsFast() {
    begin();
    hear(0, 100_000);
    hear(0, 165_000, 101_000);
    pass(1000);

    assertThat(said).containsExactly(101_000L);
  }

  @Test
  void leavesOutAPartitionThatHasFallenSilent() {
    begin();
    hear(0, 100_000);
    hear(1, 50_000);
    pass(1000);
    hear(0, 200_000);
    pass(4999);
    hear(0, 300_000);
    pass(1);

    assertThat(said).containsExactly(50_000L, 50_000L, 300_000L);
  }

  @Test
  void isIdleWhenAllHaveFallenSilent() {
    begin();
    hear(0, 100_000);
    pass(1000);
    pass(4999);
    pass(1);

    assertThat(said).containsExactly(100_000L, 100_000L, IDLE);
  }

  @Test
  void isIdleIfNobodyEverSpoke() {
    pass(4999);
    assertThat(said).isEmpty();

    pass(1);
    assertThat(said).containsExactly(IDLE);
  }

  /**
   * After an outage a source reads the backlog of one partition before that of the next; whoever
   * lives in the next is not silent.
   */
  @Test
  void waitsForPartitionsThatMayHaveMuchToSayYet() {
    hear(0, 600_000);
    pass(200);
    hear(1, 50_000);
    pass(200);
    assertThat(said).isEmpty();

    hear(0, 700_000);
    hear(1, 60_000);
    pass(4600);

    assertThat(said).containsExactly(60_000L);
  }

  /** The source has been there for long. */
  private void begin() {
    pass(60_000);
    said.clear();
  }

  private void hear(int partition, long atMillis) {
    hear(partition, atMillis, atMillis);
  }

  private void hear(int partition, long atMillis, long brokerTimeMillis) {
    watermarks.onEvent(
        new PoolMessage(
            new Origin("node-events", partition, 0, brokerTimeMillis),
            "pool",
            new PoolEvent.NodeLeft("node", Instant.ofEpochMilli(atMillis))),
        atMillis,
        output);
  }

  /** So much of the machine's time passes, and then Flink asks. */
  private void pass(long millis) {
    clockMillis += millis;
    watermarks.onPeriodicEmit(output);
  }
}
