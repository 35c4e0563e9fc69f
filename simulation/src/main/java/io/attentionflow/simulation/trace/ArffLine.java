package io.attentionflow.simulation.trace;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line of an ARFF file, read from left to right. Words may be in single or double quotes, with
 * backslashes before what would end them.
 */
final class ArffLine {

  private final String text;
  private int at;
  private boolean quoted;

  ArffLine(String text) {
    this.text = text;
  }

  /** Whether what comes next, blanks aside, is this. */
  boolean startsWith(char character) {
    skipBlanks();
    return at < text.length() && text.charAt(at) == character;
  }

  /** The next word, which ends at a blank. */
  String word() {
    skipBlanks();
    String word = next(" \t{");
    if (word.isEmpty() && !quoted) {
      throw new IllegalArgumentException("a word is missing: " + text.strip());
    }
    return word;
  }

  /** What is between braces, separated by commas. */
  List<String> braced() {
    skipBlanks();
    int last = text.lastIndexOf('}');
    if (at >= text.length() || text.charAt(at) != '{' || last < at) {
      throw new IllegalArgumentException("braces are not closed: " + text.strip());
    }
    List<String> values = new ArrayList<>();
    ArffLine inner = new ArffLine(text.substring(at + 1, last));
    at = last + 1;
    if (inner.text.isBlank()) {
      return values;
    }
    for (String cell : inner.cells()) {
      values.add(cell == null ? "?" : cell);
    }
    return values;
  }

  /** What is separated by commas, or, if there are none, by tabs; null is unknown. */
  List<@Nullable String> cells() {
    String separator = text.indexOf(',', at) < 0 && text.indexOf('\t', at) >= 0 ? "\t" : ",";
    List<@Nullable String> cells = new ArrayList<>();
    do {
      skipBlanks();
      String cell = next(separator);
      cells.add(cell.equals("?") && !quoted ? null : cell);
    } while (at++ < text.length());
    return cells;
  }

  /** Up to one of some characters, or the end; blanks around it are dropped. */
  private String next(String ends) {
    quoted = at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"');
    if (!quoted) {
      int from = at;
      while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(from, at).strip();
    }
    char quote = text.charAt(at++);
    StringBuilder word = new StringBuilder();
    while (at < text.length() && text.charAt(at) != quote) {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      word.append(text.charAt(at++));
    }
    if (at == text.length()) {
      throw new IllegalArgumentException("a quote is not closed: " + text.strip());
    }
    at++;
    int end = at;
    while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
      at++;
    }
    if (!text.substring(end, at).isBlank()) {
      throw new IllegalArgumentException("something follows a quote: " + text.strip());
    }
    return word.toString();
  }

  private void skipBlanks() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }
}
