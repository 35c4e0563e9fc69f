package io.attentionflow.simulation.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * What became of the lines of a file.
 *
 * @param used lines that gave a task or a node
 * @param filtered lines that are well-formed and that the protocol leaves out
 * @param bad lines that could not be read
 * @param firstBad the first of those, ten at most
 */
public record LineCount(int used, int filtered, int bad, List<BadLine> firstBad) {

  /** Of a trace that was not read from a file. */
  public static final LineCount NONE = new LineCount(0, 0, 0, List.of());

  public LineCount {
    firstBad = List.copyOf(firstBad);
  }

  /**
   * A line that could not be read.
   *
   * @param line its number in the file, from 1
   */
  public record BadLine(String file, int line, String reason) {
    @Override
    public String toString() {
      return file + ":" + line + ": " + reason;
    }
  }

  /** Counts while a file is read. */
  static final class Counter {
    private static final int KEPT = 10;

    private final List<BadLine> firstBad = new ArrayList<>();
    private int used;
    private int filtered;
    private int bad;

    void used() {
      used++;
    }

    void filtered() {
      filtered++;
    }

    void bad(String file, int line, String reason) {
      bad++;
      if (firstBad.size() < KEPT) {
        firstBad.add(new BadLine(file, line, reason));
      }
    }

    /**
     * The count.
     *
     * @throws TraceFormatException if there were bad lines and no good one
     */
    LineCount close() throws TraceFormatException {
      if (bad > 0 && used + filtered == 0) {
        throw new TraceFormatException(
            "none of %d lines can be read; the first: %s".formatted(bad, firstBad.get(0)));
      }
      return new LineCount(used, filtered, bad, firstBad);
    }
  }
}
