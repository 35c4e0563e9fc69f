package io.attentionflow.launcher;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells a command that it is to stop, because somebody pressed Ctrl-C or the process was asked to
 * end, and lets the process end only when the command has stopped.
 *
 * <p>To stop when asked to is to be done: the exit code is then that of the command, and not that
 * of a signal.
 */
public final class StopSignal implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread hook;

  private StopSignal(Console console) {
    hook =
        new Thread(
            () -> {
              console.say("Stopping ...");
              asked.countDown();
              awaitStopped();
              // A hook is no place to exit from, and the signal's own exit code would win.
              Runtime.getRuntime().halt(0);
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

  /** The command has stopped: what it had open is closed. */
  @Override
  public void close() {
    stopped.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook runs already, and waits for us.
    }
  }

  private void awaitStopped() {
    try {
      stopped.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
