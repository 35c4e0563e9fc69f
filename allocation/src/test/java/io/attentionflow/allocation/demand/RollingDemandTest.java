package io.attentionflow.allocation.demand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.allocation.Resources;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RollingDemandTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final DemandWindow WINDOW = new DemandWindow(Duration.ofSeconds(10), 3, 0.5);
  private static final Resources CORE = new Resources(1000, 512, 0, 0, 0);

  private RollingDemand demand = new RollingDemand(WINDOW);

  @Test
  void reportsAPaneWhenTimeReachesItsEnd() {
    demand.submitted(second(1), CORE);
    demand.submitted(second(2), new Resources(3000, 512, 1, 500, 7));
    demand.ended(second(9));

    assertThat(demand.advanceTo(second(9))).isEmpty();
    List<DemandReport> reports = demand.advanceTo(second(10));

    assertThat(reports).hasSize(1);
    DemandReport report = reports.get(0);
    assertThat(report.windowStart()).isEqualTo(second(-20));
    assertThat(report.windowEnd()).isEqualTo(second(10));
    assertThat(report.arrivals()).isEqualTo(2);
    assertThat(report.completions()).isEqualTo(1);
    assertThat(report.inFlight()).isEqualTo(1);
    assertThat(report.arrivalForecast()).isEqualTo(2);
    assertThat(report.resources())
        .extracting(DemandReport.ResourceStatistics::resource)
        .isEqualTo(RollingDemand.RESOURCES);
    assertThat(report.resources().get(0).sum()).isEqualTo(4000);
    assertThat(report.resources().get(0).p99()).isCloseTo(3000, within(3000 / 128.0));
    assertThat(report.resources().get(2).sum()).isEqualTo(500);
  }

  @Test
  void countsALateEventInTheOldestOpenPane() {
    demand.submitted(second(1), CORE);
    demand.advanceTo(second(20));
    demand.submitted(second(3), CORE);

    DemandReport report = demand.advanceTo(second(30)).get(0);

    assertThat(report.arrivals()).isEqualTo(2);
    assertThat(report.lateEvents()).isEqualTo(1);
    assertThat(report.inFlight()).isEqualTo(2);
  }

  @Test
  void neverHasLessThanNothingInFlight() {
    demand.ended(second(1));
    demand.submitted(second(2), CORE);
    demand.ended(second(3));
    demand.ended(second(4));

    DemandReport report = demand.advanceTo(second(10)).get(0);

    assertThat(report.inFlight()).isZero();
    assertThat(report.completions()).isEqualTo(1);
    assertThat(report.unmatchedEnds()).isEqualTo(2);
    assertThat(demand.inFlight()).isZero();
  }

  @Test
  void seesNothingInFlightBelowZeroWhenTheEndCarriesTheEarlierTime() {
    demand.submitted(second(11), CORE);
    demand.ended(second(9));

    assertThat(demand.advanceTo(second(20)))
        .extracting(DemandReport::inFlight)
        .containsExactly(0L, 0L);
  }

  @Test
  void letsTheForecastDecayAndThenFallsSilent() {
    demand.submitted(second(1), new Resources(1, 0, 0, 0, 0));

    List<DemandReport> reports = demand.advanceTo(NOON.plus(Duration.ofDays(365)));

    assertThat(reports)
        .extracting(DemandReport::arrivalForecast)
        .startsWith(1.0, 0.5, 0.25, 0.125)
        .endsWith(0.0)
        .hasSize(11);
    assertThat(reports.get(10).inFlight()).isEqualTo(1);
    assertThat(demand.nextReport()).isEmpty();
    assertThat(demand.advanceTo(NOON.plus(Duration.ofDays(366)))).isEmpty();
  }

  @Test
  void wakesFromSilence() {
    demand.submitted(second(1), CORE);
    demand.advanceTo(second(100_000));
    demand.ended(second(200_005));

    assertThat(demand.nextReport()).contains(second(200_010));
    List<DemandReport> reports = demand.advanceTo(second(200_010));

    assertThat(reports).hasSize(1);
    assertThat(reports.get(0).windowEnd()).isEqualTo(second(200_010));
    assertThat(reports.get(0).completions()).isEqualTo(1);
    assertThat(reports.get(0).inFlight()).isZero();
  }

  @Test
  void keepsABoundedNumberOfOpenPanes() throws IOException {
    for (int i = 0; i < 5000; i++) {
      demand.submitted(second(i * 10L), CORE);
    }

    assertThat(bytes(demand).length).isLessThan(1024 * 200);
    assertThat(demand.inFlight()).isEqualTo(5000);
    List<DemandReport> reports = demand.advanceTo(second(100_000));
    assertThat(reports.get(reports.size() - 1).inFlight()).isEqualTo(5000);
  }

  @Test
  void keepsOnlyWhatIsInFlightForPanesOfAnotherLength() throws IOException {
    demand.submitted(second(1), CORE);
    demand.submitted(second(2), CORE);

    demand = restored(new DemandWindow(Duration.ofSeconds(7), 3, 0.5));

    assertThat(demand.inFlight()).isEqualTo(2);
    assertThat(demand.advanceTo(second(1000))).isEmpty();
    demand.ended(second(1001));
    assertThat(demand.advanceTo(second(1010)).get(0).inFlight()).isEqualTo(1);
  }

  @Test
  void dropsTheOldestPanesForAShorterWindow() throws IOException {
    demand.submitted(second(1), CORE);
    demand.submitted(second(11), CORE);
    demand.advanceTo(second(20));

    demand = restored(new DemandWindow(Duration.ofSeconds(10), 1, 0.5));
    demand.submitted(second(21), CORE);

    assertThat(demand.advanceTo(second(30)).get(0).arrivals()).isEqualTo(1);
  }

  @Test
  void refusesALayoutItDoesNotKnow() throws IOException {
    byte[] bytes = bytes(demand);
    bytes[0] = 9;

    assertThatThrownBy(
            () ->
                RollingDemand.readFrom(
                    new DataInputStream(new ByteArrayInputStream(bytes)), WINDOW))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("layout 9");
  }

  private RollingDemand restored(DemandWindow window) throws IOException {
    return RollingDemand.readFrom(
        new DataInputStream(new ByteArrayInputStream(bytes(demand))), window);
  }

  private static byte[] bytes(RollingDemand demand) throws IOException {
    var bytes = new ByteArrayOutputStream();
    demand.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static Instant second(long second) {
    return NOON.plusSeconds(second);
  }
}
