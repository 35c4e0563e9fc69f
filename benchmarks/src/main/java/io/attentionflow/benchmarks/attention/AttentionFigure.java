package io.attentionflow.benchmarks.attention;

import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.benchmarks.attention.RampingPool.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Draws shares and temperature over a ramp of load, of decisions that a real engine made, and says
 * how far what classes held was from their shares.
 *
 * <p>One argument: the SVG file to write. The same policy gives the same figure.
 */
public final class AttentionFigure {

  private static final int SECONDS = 3600;
  private static final int WINDOW = 60;
  private static final List<String> COLOURS = List.of("#1b9e77", "#7570b3", "#d95f02");

  private AttentionFigure() {}

  /** Plays the ramp, writes the figure, and prints one JSON object. */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("one argument: the SVG file to write");
      System.exit(2);
    }
    List<Sample> samples = new RampingPool(PoolPolicy.defaults(), 42).play(SECONDS);
    Files.writeString(Path.of(args[0]), draw(samples));
    System.out.printf(
        Locale.ROOT,
        "{\"seconds\": %d, \"saturatedMinutes\": %d, \"largestDeviationInAMinute\": %.4f,"
            + " \"coldest\": %.3f, \"hottest\": %.3f}%n",
        SECONDS,
        saturatedMinutes(samples),
        largestDeviation(samples),
        samples.stream().mapToDouble(Sample::temperature).filter(Double::isFinite).min().orElse(0),
        samples.stream().mapToDouble(Sample::temperature).filter(Double::isFinite).max().orElse(0));
  }

  static String draw(List<Sample> samples) {
    double minutes = samples.size() / 60.0;
    SvgChart state =
        new SvgChart(0, "Load and temperature", minutes, 4)
            .line("load (of 1)", "#222", false, points(samples, Sample::load))
            .line("temperature", "#e7298a", false, points(samples, Sample::temperature));
    SvgChart shares = new SvgChart(1, "Shares of the classes: meant (dashed), held", minutes, 1);
    for (int k = 0; k < RampingPool.CLASSES.size(); k++) {
      int of = k;
      String name = RampingPool.CLASSES.get(k);
      shares.line(name + ", meant", COLOURS.get(k), true, points(samples, s -> s.meant()[of]));
      shares.line(name + ", held", COLOURS.get(k), false, points(samples, s -> s.held()[of]));
    }
    return SvgChart.of(List.of(state, shares));
  }

  private static List<double[]> points(List<Sample> samples, ToDoubleFunction<Sample> value) {
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i < samples.size(); i += 10) {
      Sample sample = samples.get(i);
      points.add(new double[] {sample.second() / 60.0, value.applyAsDouble(sample)});
    }
    return points;
  }

  /** Whether the pool was full all the time, and every class had something to start. */
  private static boolean isSaturated(List<Sample> samples, int from) {
    return samples.subList(from, from + WINDOW).stream()
        .allMatch(
            sample ->
                sample.load() > 0.999 && Math.abs(Arrays.stream(sample.meant()).sum() - 1) < 0.05);
  }

  static int saturatedMinutes(List<Sample> samples) {
    int saturated = 0;
    for (int from = 0; from + WINDOW <= samples.size(); from += WINDOW) {
      saturated += isSaturated(samples, from) ? 1 : 0;
    }
    return saturated;
  }

  /**
   * Of the means over a minute, in minutes of saturation. In the first two of these still runs what
   * started when there was room for all.
   */
  static double largestDeviation(List<Sample> samples) {
    double largest = 0;
    int before = 0;
    for (int from = 0; from + WINDOW <= samples.size(); from += WINDOW) {
      before = isSaturated(samples, from) ? before + 1 : 0;
      if (before > 2) {
        largest = Math.max(largest, deviation(samples.subList(from, from + WINDOW)));
      }
    }
    return largest;
  }

  private static double deviation(List<Sample> minute) {
    double largest = 0;
    for (int k = 0; k < RampingPool.CLASSES.size(); k++) {
      int of = k;
      double meant = minute.stream().mapToDouble(s -> s.meant()[of]).average().orElse(0);
      double held = minute.stream().mapToDouble(s -> s.held()[of]).average().orElse(0);
      largest = Math.max(largest, Math.abs(meant - held));
    }
    return largest;
  }
}
