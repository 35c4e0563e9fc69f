package io.attentionflow.allocation.demand;

import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.demand.DemandReport.ResourceStatistics;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Demand of one pool and class of tasks, in panes of event time.
 *
 * <pre>
 *      closed: the window            open            now, as told
 * ... |  pane  |  pane  |  pane  ||  pane  |  pane  |
 *                                 ^ late events count here
 * </pre>
 *
 * <p>A pane closes when {@link #advanceTo} reaches its end, and gives a report on the window that
 * ends with it. An event for a pane that has closed is late: it counts in the oldest open pane, and
 * as late. While nothing happens the forecast decays; when the window is empty and the forecast has
 * come down to nothing, the class is idle: one report has said so, and no more follow until
 * something happens again.
 *
 * <p><b>In flight</b> is counted, not listed: each task's submission and its end must be told once.
 * An end that finds nothing in flight is counted as unmatched and changes nothing else, so what is
 * in flight is always arrivals less completions, and never below 0.
 *
 * <p>The forecast of the next pane is simple exponential smoothing of the panes so far (R. G.
 * Brown, "Statistical forecasting for inventory control", McGraw-Hill 1959): level = s·newest + (1
 * − s)·level, begun with the first pane. No trend as in Holt's method: demand comes in bursts,
 * which a trend would carry on. Below a thousandth it is 0.
 *
 * <p>Takes O(log buckets) time for an event, O(buckets in a pane) for a closing one, and the memory
 * of the window's panes and of at most {@value #MOST_OPEN_PANES} open ones; an event for yet
 * another counts in the open pane before it, or else in the first. A pure function of the calls: no
 * clock, and how far each call to {@link #advanceTo} goes makes no difference. Not thread-safe.
 */
public final class RollingDemand {

  /** Names of the resources that are counted, as in the reports. */
  public static final List<String> RESOURCES =
      List.of("cpuMillis", "memoryMib", "gpuMillis", "ioMibps");

  private static final int LAYOUT = 1;
  private static final int MOST_OPEN_PANES = 1024;
  private static final double NEGLIGIBLE = 0.001;
  private static final long NEVER = Long.MIN_VALUE;

  private final DemandWindow window;
  private final long paneMillis;

  /** By number: start in milliseconds since the epoch, divided by their length. */
  private final TreeMap<Long, Pane> open = new TreeMap<>();

  /** Oldest first, without gaps, the last one just before {@link #oldestOpen}. */
  private final Deque<Pane> closed = new ArrayDeque<>();

  private final Pane windowTotal = new Pane();
  private long oldestOpen = NEVER;
  private long inFlight;

  /** The part of it from closed panes; briefly below 0 where clocks disagree. */
  private long inFlightWhenClosed;

  private boolean forecasts;
  private double arrivalLevel;
  private final double[] levels = new double[Pane.RESOURCE_COUNT];

  /** Starts with nothing seen. */
  public RollingDemand(DemandWindow window) {
    this.window = window;
    this.paneMillis = window.pane().toMillis();
  }

  /**
   * A task was submitted.
   *
   * @param at when
   * @param request what it asks for
   */
  public void submitted(Instant at, Resources request) {
    paneAt(at).arrived(request);
    inFlight++;
  }

  /**
   * A task that was submitted has ended, however it did; told once for each.
   *
   * @param at when
   */
  public void ended(Instant at) {
    Pane pane = paneAt(at);
    if (inFlight == 0) {
      pane.unmatchedEnds++;
    } else {
      pane.completions++;
      inFlight--;
    }
  }

  /**
   * Time has come this far: closes every pane that ends by then. A time before the last one does
   * nothing.
   *
   * @return one report for each closed pane, oldest first; none while idle
   */
  public List<DemandReport> advanceTo(Instant time) {
    long target = paneNumber(time);
    List<DemandReport> reports = new ArrayList<>();
    while (oldestOpen < target) {
      long next = nextToClose();
      if (next >= target) {
        oldestOpen = target;
      } else {
        oldestOpen = next;
        reports.add(closeOldest());
      }
    }
    return reports;
  }

  /**
   * When {@link #advanceTo} will next have something to report.
   *
   * @return empty if idle: not before something happens
   */
  public Optional<Instant> nextReport() {
    long next = nextToClose();
    return next == Long.MAX_VALUE ? Optional.empty() : Optional.of(startOf(next + 1));
  }

  /** Tasks submitted and not ended, as far as told. */
  public long inFlight() {
    return inFlight;
  }

  /** Writes all there is, in a layout with a version. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeByte(LAYOUT);
    out.writeLong(paneMillis);
    out.writeLong(oldestOpen);
    out.writeLong(inFlight);
    out.writeLong(inFlightWhenClosed);
    out.writeBoolean(forecasts);
    out.writeDouble(arrivalLevel);
    for (double level : levels) {
      out.writeDouble(level);
    }
    out.writeInt(closed.size());
    for (Pane pane : closed) {
      pane.writeTo(out);
    }
    out.writeInt(open.size());
    for (Map.Entry<Long, Pane> pane : open.entrySet()) {
      out.writeLong(pane.getKey());
      pane.getValue().writeTo(out);
    }
  }

  /**
   * Reads what {@link #writeTo} wrote. If the window has fewer panes now, the oldest are dropped;
   * if its panes are of another length, only what is in flight is kept.
   *
   * @throws IOException if it is of a layout not known here, or cut short
   */
  public static RollingDemand readFrom(DataInput in, DemandWindow window) throws IOException {
    int layout = in.readByte();
    if (layout != LAYOUT) {
      throw new IOException("rolling demand of layout %d; known is %d".formatted(layout, LAYOUT));
    }
    var restored = new RollingDemand(window);
    boolean samePanes = in.readLong() == restored.paneMillis;
    restored.readContents(in);
    if (samePanes) {
      return restored;
    }
    var inFlightOnly = new RollingDemand(window);
    inFlightOnly.inFlight = restored.inFlight;
    inFlightOnly.inFlightWhenClosed = restored.inFlight;
    return inFlightOnly;
  }

  private void readContents(DataInput in) throws IOException {
    oldestOpen = in.readLong();
    inFlight = in.readLong();
    inFlightWhenClosed = in.readLong();
    forecasts = in.readBoolean();
    arrivalLevel = in.readDouble();
    for (int i = 0; i < levels.length; i++) {
      levels[i] = in.readDouble();
    }
    int closedPanes = in.readInt();
    for (int i = 0; i < closedPanes; i++) {
      addToWindow(Pane.readFrom(in));
    }
    int openPanes = in.readInt();
    for (int i = 0; i < openPanes; i++) {
      open.put(in.readLong(), Pane.readFrom(in));
    }
  }

  private Pane paneAt(Instant at) {
    long number = paneNumber(at);
    boolean late = number < oldestOpen;
    Pane pane = openPane(late ? oldestOpen : number);
    if (late) {
      pane.lateEvents++;
    }
    return pane;
  }

  private Pane openPane(long number) {
    Pane known = open.get(number);
    if (known != null) {
      return known;
    }
    if (open.size() < MOST_OPEN_PANES) {
      var pane = new Pane();
      open.put(number, pane);
      return pane;
    }
    Map.Entry<Long, Pane> before = open.floorEntry(number);
    return before != null ? before.getValue() : open.firstEntry().getValue();
  }

  /**
   * The oldest open pane; if idle the next one with something in it; if none has, the end of time.
   */
  private long nextToClose() {
    if (!isIdle()) {
      return oldestOpen;
    }
    return open.isEmpty() ? Long.MAX_VALUE : open.firstKey();
  }

  private boolean isIdle() {
    return windowTotal.isEmpty() && arrivalLevel == 0 && allLevelsAreZero();
  }

  private boolean allLevelsAreZero() {
    for (double level : levels) {
      if (level != 0) {
        return false;
      }
    }
    return true;
  }

  private DemandReport closeOldest() {
    if (isIdle()) {
      // There may be a gap before this pane, and panes of the window are without gaps.
      closed.clear();
    }
    Pane opened = open.remove(oldestOpen);
    Pane pane = opened == null ? new Pane() : opened;
    addToWindow(pane);
    smooth(pane);
    inFlightWhenClosed += pane.arrivals - pane.completions;
    oldestOpen++;
    return report();
  }

  private void addToWindow(Pane pane) {
    if (closed.size() == window.panes()) {
      windowTotal.subtract(closed.removeFirst());
    }
    closed.addLast(pane);
    windowTotal.add(pane);
  }

  private void smooth(Pane pane) {
    arrivalLevel = smoothed(arrivalLevel, (double) pane.arrivals);
    for (int i = 0; i < levels.length; i++) {
      levels[i] = smoothed(levels[i], pane.sums[i]);
    }
    forecasts = true;
  }

  private double smoothed(double level, double newest) {
    double next =
        forecasts ? window.smoothing() * newest + (1 - window.smoothing()) * level : newest;
    return next < NEGLIGIBLE ? 0 : next;
  }

  private DemandReport report() {
    List<ResourceStatistics> resources = new ArrayList<>();
    for (int i = 0; i < Pane.RESOURCE_COUNT; i++) {
      LogHistogram histogram = windowTotal.histograms[i];
      resources.add(
          new ResourceStatistics(
              RESOURCES.get(i),
              windowTotal.sums[i],
              histogram.quantile(0.50),
              histogram.quantile(0.95),
              histogram.quantile(0.99),
              levels[i]));
    }
    return new DemandReport(
        startOf(oldestOpen - window.panes()),
        startOf(oldestOpen),
        Duration.ofMillis(paneMillis),
        windowTotal.arrivals,
        Math.max(0, inFlightWhenClosed),
        windowTotal.completions,
        windowTotal.lateEvents,
        windowTotal.unmatchedEnds,
        arrivalLevel,
        resources);
  }

  private long paneNumber(Instant at) {
    return Math.floorDiv(at.toEpochMilli(), paneMillis);
  }

  private Instant startOf(long pane) {
    return Instant.ofEpochMilli(pane * paneMillis);
  }
}
