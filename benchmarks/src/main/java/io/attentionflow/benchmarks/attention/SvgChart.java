package io.attentionflow.benchmarks.attention;

import java.util.List;
import java.util.Locale;

/** One panel of lines over time, as SVG: just what a figure in the docs needs. */
final class SvgChart {

  static final int WIDTH = 860;
  static final int HEIGHT = 240;

  private static final int LEFT = 50;
  private static final int RIGHT = 170;
  private static final int TOP = 24;
  private static final int BOTTOM = 30;
  private static final int TICKS = 4;

  private final StringBuilder svg = new StringBuilder();
  private final int top;
  private final double mostX;
  private final double mostY;
  private int lines;

  /**
   * An empty panel.
   *
   * @param index how many panels are above it
   * @param mostX where the axis of minutes ends
   * @param mostY where the other ends; both begin at 0
   */
  SvgChart(int index, String title, double mostX, double mostY) {
    this.top = index * HEIGHT + TOP;
    this.mostX = mostX;
    this.mostY = mostY;
    text(LEFT, top - 8, "start", title);
    for (int tick = 0; tick <= TICKS; tick++) {
      double y = y(mostY * tick / TICKS);
      add(
          String.format(
              Locale.ROOT, "<path d='M%d %.1f H%d' stroke='#ddd'/>", LEFT, y, WIDTH - RIGHT));
      text(LEFT - 6, y + 4, "end", String.format(Locale.ROOT, "%.2f", mostY * tick / TICKS));
      double x = x(mostX * tick / TICKS);
      text(x, y(0) + 16, "middle", String.format(Locale.ROOT, "%.0f min", mostX * tick / TICKS));
    }
  }

  /**
   * Adds a line with its name beside it.
   *
   * @param points x and y of each; not a number: a gap
   */
  SvgChart line(String name, String colour, boolean dashed, List<double[]> points) {
    StringBuilder path = new StringBuilder();
    boolean pen = false;
    for (double[] point : points) {
      boolean there = Double.isFinite(point[1]);
      if (there) {
        path.append(
            String.format(Locale.ROOT, "%s%.1f %.1f ", pen ? "L" : "M", x(point[0]), y(point[1])));
      }
      pen = there;
    }
    String dash = dashed ? " stroke-dasharray='5 3'" : "";
    add(
        "<path d='%s' fill='none' stroke='%s' stroke-width='1.6'%s/>"
            .formatted(path, colour, dash));
    double y = top + 12 + 18.0 * lines++;
    double x = WIDTH - RIGHT + 12;
    add(
        String.format(
            Locale.ROOT,
            "<path d='M%.1f %.1f h24' stroke='%s' stroke-width='1.6'%s/>",
            x,
            y - 4,
            colour,
            dash));
    text(x + 30, y, "start", name);
    return this;
  }

  private double x(double value) {
    return LEFT + value / mostX * (WIDTH - LEFT - RIGHT);
  }

  private double y(double value) {
    return top + (1 - value / mostY) * (HEIGHT - TOP - BOTTOM);
  }

  private void text(double x, double y, String anchor, String text) {
    add(
        String.format(
            Locale.ROOT, "<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>", x, y, anchor, text));
  }

  private void add(String element) {
    svg.append(element).append('\n');
  }

  /** Panels below each other. */
  static String of(List<SvgChart> charts) {
    StringBuilder all = new StringBuilder();
    all.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif'"
                + " font-size='12'>%n<rect width='100%%' height='100%%' fill='white'/>%n",
            WIDTH,
            charts.size() * HEIGHT));
    charts.forEach(chart -> all.append(chart.svg));
    return all.append("</svg>\n").toString();
  }
}
