package io.attentionflow.launcher;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.ExitCode;

/**
 * Tells a command that it is to stop, because somebody pressed Ctrl-C or the process was asked to
 * end, and lets the process end only when the command has.
 *
 * <p>To stop when asked to is to be done: the exit code is then that of the command, given to
 * {@link #exit}, and not that of a signal.
 */
public final class StopSignal implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Of this process; there is only one. */
  private static final CompletableFuture<Integer> EXIT_CODE = new CompletableFuture<>();

  private final CountDownLatch asked = new CountDownLatch(1);
  private final Thread hook;

  private StopSignal(Console console) {
    hook =
        new Thread(
            () -> {
              console.say("Stopping ...");
              asked.countDown();
              // A hook is no place to exit from, and the signal's own exit code would win.
              Runtime.getRuntime().halt(awaitExitCode(console));
            },
            "stop-signal");
  }

  /** Listens from now on, until it is closed. */
  public static StopSignal listen(Console console) {
    StopSignal signal = new StopSignal(console);
    Runtime.getRuntime().addShutdownHook(signal.hook);
    return signal;
  }

  /** Whether the command is to stop. */
  public boolean isAsked() {
    return asked.getCount() == 0;
  }

  /**
   * Waits until the command is to stop.
   *
   * @param most how long at most
   * @return whether it is to stop; false if the time was over first
   */
  public boolean await(Duration most) throws InterruptedException {
    return asked.await(most.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The command listens no more. If it was asked to stop already, that takes its course. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook runs already, and waits for the exit code.
    }
  }

  /**
   * Ends the process, which has done its work and said all it has to say; also while it is being
   * stopped.
   */
  static void exit(int exitCode) {
    EXIT_CODE.complete(exitCode);
    System.exit(exitCode);
  }

  private static int awaitExitCode(Console console) {
    try {
      return EXIT_CODE.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      console.say("It has not stopped after %d s.".formatted(PATIENCE.toSeconds()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an exit code never fails", e);
    }
    return ExitCode.SOFTWARE;
  }
}
