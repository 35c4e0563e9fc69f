package io.attentionflow.allocation.demand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.allocation.Resources;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** Against a plain recomputation from the list of all that was told. */
class RollingDemandPropertiesTest {

  private static final long PANE = 1000;

  /** What is told: a submission, an end, or that time passes. */
  private record Told(Kind kind, long atMillis, long cpuMillis) {}

  private enum Kind {
    SUBMITTED,
    ENDED,
    TIME
  }

  @Property(tries = 500)
  void agreesWithCountingEverythingAgain(
      @ForAll("stories") List<Told> story, @ForAll @IntRange(min = 1, max = 5) int panes) {
    var window = new DemandWindow(Duration.ofMillis(PANE), panes, 0.3);

    List<DemandReport> reports = tell(new RollingDemand(window), story);

    assertSame(reports, new Recount(window).tell(story));
  }

  @Property(tries = 300)
  void isChangedByNoRestore(@ForAll("stories") List<Told> story) throws IOException {
    var window = new DemandWindow(Duration.ofMillis(PANE), 3, 0.3);
    List<DemandReport> straight = tell(new RollingDemand(window), story);

    var demand = new RollingDemand(window);
    List<DemandReport> restored = new ArrayList<>();
    for (Told told : story) {
      restored.addAll(tell(demand, List.of(told)));
      demand = copied(demand, window);
    }

    assertThat(restored).isEqualTo(straight);
  }

  @Property(tries = 300)
  void doesNotDependOnTheStepsOfTime(@ForAll("stories") List<Told> story) {
    var window = new DemandWindow(Duration.ofMillis(PANE), 3, 0.3);
    List<Told> inSmallSteps = new ArrayList<>();
    long now = 0;
    for (Told told : story) {
      for (; told.kind() == Kind.TIME && now < told.atMillis(); now += 700) {
        inSmallSteps.add(new Told(Kind.TIME, now, 0));
      }
      inSmallSteps.add(told);
    }

    assertThat(tell(new RollingDemand(window), inSmallSteps))
        .isEqualTo(tell(new RollingDemand(window), story));
  }

  @Provide
  Arbitrary<List<Told>> stories() {
    Arbitrary<Kind> kinds =
        Arbitraries.of(Kind.SUBMITTED, Kind.SUBMITTED, Kind.ENDED, Kind.ENDED, Kind.TIME);
    Arbitrary<Long> times =
        Arbitraries.oneOf(
            Arbitraries.longs().between(0, 20 * PANE), Arbitraries.longs().between(0, 200 * PANE));
    Arbitrary<Long> amounts = Arbitraries.longs().between(0, 1_000_000);
    return Combinators.combine(kinds, times, amounts).as(Told::new).list().ofMaxSize(60);
  }

  private static List<DemandReport> tell(RollingDemand demand, List<Told> story) {
    List<DemandReport> reports = new ArrayList<>();
    for (Told told : story) {
      Instant at = Instant.ofEpochMilli(told.atMillis());
      switch (told.kind()) {
        case SUBMITTED -> demand.submitted(at, new Resources(told.cpuMillis(), 0, 0, 0, 0));
        case ENDED -> demand.ended(at);
        case TIME -> reports.addAll(demand.advanceTo(at));
      }
      assertThat(demand.inFlight()).isNotNegative();
    }
    return reports;
  }

  private static void assertSame(List<DemandReport> actual, List<DemandReport> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      DemandReport a = actual.get(i);
      DemandReport e = expected.get(i);
      assertThat(a).usingRecursiveComparison().ignoringFields("resources").isEqualTo(e);
      var cpu = a.resources().get(0);
      var exact = e.resources().get(0);
      assertThat(cpu.sum()).isEqualTo(exact.sum());
      assertThat(cpu.forecast()).isEqualTo(exact.forecast());
      assertThat(cpu.p50()).isCloseTo(exact.p50(), within(exact.p50() / 128));
      assertThat(cpu.p95()).isCloseTo(exact.p95(), within(exact.p95() / 128));
      assertThat(cpu.p99()).isCloseTo(exact.p99(), within(exact.p99() / 128));
    }
  }

  private static RollingDemand copied(RollingDemand demand, DemandWindow window)
      throws IOException {
    var bytes = new ByteArrayOutputStream();
    demand.writeTo(new DataOutputStream(bytes));
    return RollingDemand.readFrom(
        new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())), window);
  }

  /** Keeps every event, with the pane it counts in, and adds all up anew for each pane. */
  private static final class Recount {

    private record Event(
        long pane, @Nullable Long arrival, boolean completion, boolean unmatched, boolean late) {}

    private final DemandWindow window;
    private final List<Event> events = new ArrayList<>();
    private long nextPane = Long.MIN_VALUE;
    private boolean quiet = true;

    Recount(DemandWindow window) {
      this.window = window;
    }

    List<DemandReport> tell(List<Told> story) {
      List<DemandReport> reports = new ArrayList<>();
      for (Told told : story) {
        long pane = Math.floorDiv(told.atMillis(), PANE);
        if (told.kind() == Kind.TIME) {
          closeUpTo(pane, reports);
          continue;
        }
        boolean late = pane < nextPane;
        boolean arrival = told.kind() == Kind.SUBMITTED;
        boolean inFlight = events.stream().mapToInt(Recount::change).sum() > 0;
        events.add(
            new Event(
                late ? nextPane : pane,
                arrival ? told.cpuMillis() : null,
                !arrival && inFlight,
                !arrival && !inFlight,
                late));
      }
      return reports;
    }

    private void closeUpTo(long target, List<DemandReport> reports) {
      long first = events.stream().mapToLong(Event::pane).min().orElse(target);
      for (long pane = Math.max(nextPane, Math.min(first, target)); pane < target; pane++) {
        long number = pane;
        if (quiet && events.stream().noneMatch(event -> event.pane() == number)) {
          continue;
        }
        DemandReport report = report(pane, first);
        quiet = isZero(report);
        reports.add(report);
      }
      nextPane = Math.max(nextPane, target);
    }

    private static boolean isZero(DemandReport report) {
      return report.arrivals() == 0
          && report.completions() == 0
          && report.lateEvents() == 0
          && report.unmatchedEnds() == 0
          && report.arrivalForecast() == 0
          && report.resources().get(0).forecast() == 0;
    }

    private DemandReport report(long last, long first) {
      List<Event> inWindow =
          events.stream()
              .filter(event -> event.pane() <= last && event.pane() > last - window.panes())
              .toList();
      List<Long> amounts = amounts(inWindow).stream().sorted().toList();
      double arrivalLevel = 0;
      double level = 0;
      for (long pane = first; pane <= last; pane++) {
        long number = pane;
        List<Long> arrived = amounts(events.stream().filter(e -> e.pane() == number).toList());
        double sum = arrived.stream().mapToLong(Long::longValue).sum();
        arrivalLevel = smoothed(arrivalLevel, arrived.size(), pane == first);
        level = smoothed(level, sum, pane == first);
      }
      long inFlight =
          events.stream().filter(event -> event.pane() <= last).mapToInt(Recount::change).sum();
      return new DemandReport(
          Instant.ofEpochMilli((last + 1 - window.panes()) * PANE),
          Instant.ofEpochMilli((last + 1) * PANE),
          window.pane(),
          amounts.size(),
          Math.max(0, inFlight),
          inWindow.stream().filter(Event::completion).count(),
          inWindow.stream().filter(Event::late).count(),
          inWindow.stream().filter(Event::unmatched).count(),
          arrivalLevel,
          List.of(
              new DemandReport.ResourceStatistics(
                  "cpuMillis",
                  amounts.stream().mapToLong(Long::longValue).sum(),
                  quantile(amounts, 0.5),
                  quantile(amounts, 0.95),
                  quantile(amounts, 0.99),
                  level)));
    }

    private double smoothed(double level, double newest, boolean first) {
      double next = first ? newest : window.smoothing() * newest + (1 - window.smoothing()) * level;
      return next < 0.001 ? 0 : next;
    }

    private static int change(Event event) {
      if (event.arrival() != null) {
        return 1;
      }
      return event.completion() ? -1 : 0;
    }

    private static List<Long> amounts(List<Event> events) {
      List<Long> amounts = new ArrayList<>();
      for (Event event : events) {
        if (event.arrival() != null) {
          amounts.add(event.arrival());
        }
      }
      return amounts;
    }

    private static double quantile(List<Long> sorted, double fraction) {
      return sorted.isEmpty() ? 0 : sorted.get((int) Math.ceil(fraction * sorted.size()) - 1);
    }
  }
}
