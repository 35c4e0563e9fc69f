package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.demand.DemandReport;
import io.attentionflow.allocation.demand.DemandWindow;
import io.attentionflow.allocation.demand.RollingDemand;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.schema.ResourceDemand;
import io.attentionflow.schema.ResourceQuantiles;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Runs {@link RollingDemand} per pool and class: keeps it, and reports when a pane is over. Nothing
 * is kept of a class that is idle and has nothing in flight.
 */
final class DemandFunction extends KeyedProcessFunction<String, DemandMessage, ResourceDemand> {

  private final Duration pane;
  private final int panes;
  private final double smoothing;
  private transient DemandWindow window;
  private transient ValueState<KeptDemand> demands;

  DemandFunction(DemandWindow window) {
    pane = window.pane();
    panes = window.panes();
    smoothing = window.smoothing();
  }

  @Override
  public void open(OpenContext context) {
    window = new DemandWindow(pane, panes, smoothing);
    demands =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>(
                    "demand", new LayoutTypeInfo<>(KeptDemandLayout.INSTANCE)));
  }

  @Override
  public void processElement(DemandMessage message, Context ctx, Collector<ResourceDemand> out) {
    KeptDemand kept = KeptState.value(demands);
    if (kept == null) {
      kept = begin(ctx.timerService());
    }
    RollingDemand demand = kept.demand(window);
    if (message.arrived()) {
      demand.submitted(message.at(), message.request());
    } else {
      demand.ended(message.at());
    }
    wakeForNextReport(demand, ctx.timerService());
    KeptState.update(demands, kept);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext ctx, Collector<ResourceDemand> out) {
    KeptDemand kept = KeptState.value(demands);
    if (kept == null) {
      return;
    }
    RollingDemand demand = kept.demand(window);
    for (DemandReport report : demand.advanceTo(Instant.ofEpochMilli(timestamp))) {
      out.collect(record(ctx.getCurrentKey(), report));
    }
    wakeForNextReport(demand, ctx.timerService());
    if (demand.inFlight() == 0 && demand.nextReport().isEmpty()) {
      demands.clear();
    } else {
      KeptState.update(demands, kept);
    }
  }

  /** What comes for a pane that is over is late also where nothing is known of that pane. */
  private KeptDemand begin(TimerService timers) {
    KeptDemand kept = KeptDemand.begin(window);
    if (timers.currentWatermark() != Long.MIN_VALUE) {
      kept.demand(window).advanceTo(Instant.ofEpochMilli(timers.currentWatermark()));
    }
    return kept;
  }

  private static void wakeForNextReport(RollingDemand demand, TimerService timers) {
    demand.nextReport().ifPresent(at -> timers.registerEventTimeTimer(at.toEpochMilli()));
  }

  private static ResourceDemand record(String key, DemandReport report) {
    // Of the two only the pool is free to contain a slash.
    int slash = key.lastIndexOf('/');
    ResourceDemand record = new ResourceDemand();
    record.setPool(key.substring(0, slash));
    record.setComplexity(key.substring(slash + 1));
    record.setWindowStart(report.windowStart());
    record.setWindowEnd(report.windowEnd());
    record.setPaneMillis(report.pane().toMillis());
    record.setArrivals(report.arrivals());
    record.setInFlight(report.inFlight());
    record.setCompletions(report.completions());
    record.setLateEvents(report.lateEvents());
    record.setResources(quantiles(report.resources()));
    record.setArrivalForecast(report.arrivalForecast());
    return record;
  }

  private static Map<String, ResourceQuantiles> quantiles(
      List<DemandReport.ResourceStatistics> statistics) {
    Map<String, ResourceQuantiles> byResource = new LinkedHashMap<>();
    for (DemandReport.ResourceStatistics one : statistics) {
      byResource.put(
          one.resource(),
          new ResourceQuantiles(one.sum(), one.p50(), one.p95(), one.p99(), one.forecast()));
    }
    return byResource;
  }
}
