package io.attentionflow.jobs.allocation;

import static io.attentionflow.jobs.allocation.Samples.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.demand.DemandWindow;
import io.attentionflow.schema.ResourceDemand;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DemandFunctionTest {

  private static final DemandWindow WINDOW = DemandWindow.STANDARD;

  private KeyedOneInputStreamOperatorTestHarness<String, DemandMessage, ResourceDemand> harness;

  @BeforeEach
  void begin() throws Exception {
    open(null);
  }

  @AfterEach
  void end() throws Exception {
    harness.close();
  }

  @Test
  void reportsWhenAPaneIsOver() throws Exception {
    arrives("a", 1);
    arrives("a/b", 2);
    assertThat(reports()).isEmpty();

    timePasses(10);

    assertThat(reports()).extracting(ResourceDemand::getPool).containsExactlyInAnyOrder("a", "a/b");
    assertThat(reports())
        .allSatisfy(
            report -> {
              assertThat(report.getComplexity()).isEqualTo("LIGHT");
              assertThat(report.getWindowEnd()).isEqualTo(at(10));
              assertThat(report.getArrivals()).isEqualTo(1);
              assertThat(report.getInFlight()).isEqualTo(1);
            });
  }

  @Test
  void saysTheSameAfterARestoreInMidWindowAsWithout() throws Exception {
    firstHalf();
    secondHalf();
    List<ResourceDemand> straight = reports();
    assertThat(straight).hasSizeGreaterThan(20);
    harness.close();

    open(null);
    firstHalf();
    List<ResourceDemand> cut = new ArrayList<>(reports());
    OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
    harness.close();
    open(checkpoint);
    secondHalf();
    cut.addAll(reports());

    assertThat(cut).isEqualTo(straight);
  }

  /** It ends within a pane, a timer under way. */
  private void firstHalf() throws Exception {
    arrives("pool", 1);
    arrives("pool", 12);
    timePasses(20);
    arrives("pool", 25);
    ends("pool", 26);
  }

  private void secondHalf() throws Exception {
    ends("pool", 27);
    timePasses(100);
    ends("pool", 5);
    arrives("pool", 133);
    timePasses(400);
  }

  @Test
  void keepsNothingOfAnIdleClassOfWhichNothingIsInFlight() throws Exception {
    arrives("pool", 1);
    timePasses(4_000);
    assertThat(harness.numKeyedStateEntries()).as("one is in flight").isEqualTo(1);
    ends("pool", 4_001);

    timePasses(8_000);

    ResourceDemand last = reports().get(reports().size() - 1);
    assertThat(last.getInFlight()).isZero();
    assertThat(last.getCompletions()).isZero();
    assertThat(last.getArrivalForecast()).isZero();
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();
  }

  @Test
  void countsWhatIsLateAsLateAlsoWhenNothingWasKept() throws Exception {
    timePasses(1_005);
    arrives("pool", 100);
    timePasses(1_010);

    assertThat(reports())
        .singleElement()
        .satisfies(
            report -> {
              assertThat(report.getWindowEnd()).isEqualTo(at(1_010));
              assertThat(report.getArrivals()).isEqualTo(1);
              assertThat(report.getLateEvents()).isEqualTo(1);
            });
  }

  private void open(@Nullable OperatorSubtaskState state) throws Exception {
    harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new DemandFunction(WINDOW)),
            DemandMessage::key,
            Types.STRING);
    harness.setup(
        new AvroTypeInfo<>(ResourceDemand.class).createSerializer(new SerializerConfigImpl()));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
  }

  private void arrives(String pool, long second) throws Exception {
    process(pool, true, second);
  }

  private void ends(String pool, long second) throws Exception {
    process(pool, false, second);
  }

  private void process(String pool, boolean arrived, long second) throws Exception {
    Resources request = new Resources(1000, 512, 0, 0, 0);
    harness.processElement(
        new DemandMessage(pool, "LIGHT", arrived, request, at(second)), at(second).toEpochMilli());
  }

  private void timePasses(long toSecond) throws Exception {
    harness.processWatermark(at(toSecond).toEpochMilli());
  }

  private List<ResourceDemand> reports() {
    return harness.extractOutputValues();
  }
}
