package io.attentionflow.launcher.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Which TCP ports of the loopback address are free. */
public final class Ports {

  /**
   * Below the range that systems usually take the ports of outgoing connections from, so that no
   * client of ours sits on a port between our finding it free and a server's taking it.
   */
  private static final int LOWEST = 20_000;

  private static final int HIGHEST = 32_000;

  private Ports() {}

  /** Whether a server could listen there now. */
  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  /** A port that is free now; another process may still be faster. */
  public static int free() {
    for (int attempt = 0; attempt < 1000; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port from %d to %d".formatted(LOWEST, HIGHEST));
  }

  /** The standard port if it is free, another one otherwise. */
  public static int preferring(int standard) {
    return isFree(standard) ? standard : free();
  }
}
