package io.attentionflow.launcher.local;

import io.attentionflow.launcher.AttentionFlow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A command of ours in a process of its own, as a person runs it. */
final class RunningCommand implements AutoCloseable {

  private static final String END = "(it has ended)";

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> said = new ArrayList<>();
  private final List<String> result = new ArrayList<>();
  private final Thread results;

  private RunningCommand(Process process) {
    this.process = process;
    daemon(
        () -> {
          process.errorReader(StandardCharsets.UTF_8).lines().forEach(lines::add);
          lines.add(END);
        });
    results = daemon(() -> readResult(process));
  }

  private void readResult(Process running) {
    running.inputReader(StandardCharsets.UTF_8).lines().forEach(result::add);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  static RunningCommand start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx1g",
            "-Dattentionflow.home=" + Path.of("..").toRealPath(),
            "-cp",
            System.getProperty("java.class.path"),
            AttentionFlow.class.getName()));
    command.addAll(List.of(arguments));
    return new RunningCommand(new ProcessBuilder(command).start());
  }

  /**
   * Waits for a line for people.
   *
   * @return what matched
   */
  Matcher await(Pattern pattern, Duration most) throws InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    while (true) {
      String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null || line.equals(END)) {
        throw new AssertionError(
            "%s: no line like %s in %s".formatted(line, pattern, String.join("\n", said)));
      }
      said.add(line);
      Matcher matcher = pattern.matcher(line);
      if (matcher.find()) {
        return matcher;
      }
    }
  }

  /** Asks it to end, as Ctrl-C does. */
  void stop() {
    // Not the process's own method: that closes what it writes to as well.
    process.toHandle().destroy();
  }

  int awaitExit(Duration most) throws InterruptedException {
    if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("it does not end: " + String.join("\n", said));
    }
    results.join();
    return process.exitValue();
  }

  /** What it said to machines; only once {@link #awaitExit} has returned. */
  String result() {
    return String.join("\n", result);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
