package io.attentionflow.launcher;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;

/**
 * Where a command speaks: JSON for machines on {@code out}, everything for people on {@code err}.
 *
 * <p>Safe for use by several threads: a line stays whole.
 */
public final class Console {

  private final PrintStream out;
  private final PrintStream err;
  private final ObjectMapper json = new ObjectMapper();

  public Console(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** The result for a machine, readable for people too. */
  public void result(JsonNode result) {
    try {
      out.println(json.writerWithDefaultPrettyPrinter().writeValueAsString(result));
      out.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON that cannot be written", e);
    }
  }

  /** One of many results, on a line of its own. */
  public void line(JsonNode result) {
    out.println(result);
    out.flush();
  }

  /** A line for people. */
  public void say(String line) {
    err.println(line);
    err.flush();
  }

  /** Whether nobody reads the results any more, as when they are piped to {@code head}. */
  public boolean isDeaf() {
    return out.checkError();
  }

  PrintStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }
}
