package io.attentionflow.launcher;

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
public final class RunningCommand implements AutoCloseable {

  private static final String END = "(it has ended)";

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> said = new ArrayList<>();
  private final BlockingQueue<String> results = new LinkedBlockingQueue<>();
  private final List<String> result = new ArrayList<>();
  private final Thread resultReader;

  private RunningCommand(Process process) {
    this.process = process;
    daemon(
        () -> {
          process.errorReader(StandardCharsets.UTF_8).lines().forEach(lines::add);
          lines.add(END);
        });
    resultReader =
        daemon(
            () -> {
              process.inputReader(StandardCharsets.UTF_8).lines().forEach(results::add);
              results.add(END);
            });
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Starts it. */
  public static RunningCommand start(String... arguments) throws IOException {
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
  public Matcher await(Pattern pattern, Duration most) throws InterruptedException {
    return await(pattern, most, lines, said);
  }

  /**
   * Waits for a line for machines.
   *
   * @return what matched
   */
  public Matcher awaitResult(Pattern pattern, Duration most) throws InterruptedException {
    return await(pattern, most, results, result);
  }

  private static Matcher await(
      Pattern pattern, Duration most, BlockingQueue<String> coming, List<String> seen)
      throws InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    while (true) {
      String line = coming.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null || line.equals(END)) {
        throw new AssertionError(
            "%s: no line like %s in %s".formatted(line, pattern, String.join("\n", seen)));
      }
      seen.add(line);
      Matcher matcher = pattern.matcher(line);
      if (matcher.find()) {
        return matcher;
      }
    }
  }

  /** Asks it to end, as Ctrl-C does. */
  public void stop() {
    // Not the process's own method: that closes what it writes to as well.
    process.toHandle().destroy();
  }

  /**
   * Waits until it has ended.
   *
   * @return its exit code
   */
  public int awaitExit(Duration most) throws InterruptedException {
    if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("it does not end: " + String.join("\n", said));
    }
    resultReader.join();
    return process.exitValue();
  }

  /** What it said to machines; only once {@link #awaitExit} has returned. */
  public String result() {
    results.drainTo(result);
    result.remove(END);
    return String.join("\n", result);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
