package io.attentionflow.simulation.trace;

import java.util.Map;

/**
 * A line of a table, by the names of its columns.
 *
 * @param columns position of each column
 * @param cells as they are written; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // one a line, read at once and dropped
record CsvRow(Map<String, Integer> columns, String[] cells) {

  /**
   * The text of a cell without blanks around it; empty if there is none.
   *
   * @throws IllegalArgumentException if the line ends before it
   */
  String cell(String column) {
    Integer position = columns.get(column);
    if (position == null || position >= cells.length) {
      throw new IllegalArgumentException("the line has no " + column);
    }
    return cells[position].strip();
  }
}
