package io.attentionflow.launcher.evaluate;

import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.simulation.evaluate.DecisionLines;
import io.attentionflow.simulation.evaluate.DecisionSink;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Decisions in a file, a line each. If the process is told to end meanwhile, the file keeps those
 * so far, and no half line.
 */
final class DecisionFile implements DecisionSink, Closeable {

  private final Path file;
  private final Consumer<String> say;
  private final DecisionLines lines;
  private final Thread interrupted = new Thread(this::interrupted, "close-decisions");
  private boolean closed;

  /**
   * @param say is told where the decisions are if the process is told to end
   */
  DecisionFile(Path file, Consumer<String> say) throws IOException {
    this.file = file;
    this.say = say;
    lines = new DecisionLines(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
    Runtime.getRuntime().addShutdownHook(interrupted);
  }

  @Override
  public synchronized void decided(String pool, Commanded commanded) {
    if (!closed) {
      lines.decided(pool, commanded);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(interrupted);
    } catch (IllegalStateException e) {
      // It runs, or has run: the process is told to end.
    }
    closeLines();
  }

  private synchronized void closeLines() throws IOException {
    if (!closed) {
      closed = true;
      lines.close();
    }
  }

  private void interrupted() {
    try {
      closeLines();
      say.accept("interrupted; the decisions so far are in " + file);
    } catch (IOException e) {
      say.accept("interrupted; cannot write decisions to %s: %s".formatted(file, e.getMessage()));
    }
  }
}
