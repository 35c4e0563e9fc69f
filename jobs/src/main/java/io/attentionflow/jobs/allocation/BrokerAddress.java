package io.attentionflow.jobs.allocation;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a broker listens, as a person writes it: {@code host:port}. Taken is what Kafka's clients
 * take: a protocol may stand before it, and the host be an address of IPv6.
 */
public final class BrokerAddress {

  private static final int MOST_PORT = 65_535;

  private static final Pattern HOST_AND_PORT =
      Pattern.compile("([\\w.%-]*://)?\\[?[\\w.%:-]+]?:(\\d{1,5})");

  private BrokerAddress() {}

  /** What is wrong with an address; empty: nothing that can be seen without a network. */
  public static Optional<String> problem(String address) {
    Matcher hostAndPort = HOST_AND_PORT.matcher(address);
    if (!hostAndPort.matches()) {
      return Optional.of("'%s' is not host:port".formatted(address));
    }
    int port = Integer.parseInt(hostAndPort.group(2));
    if (port < 1 || port > MOST_PORT) {
      return Optional.of("the port of '%s' is not one of 1 to %d".formatted(address, MOST_PORT));
    }
    return Optional.empty();
  }
}
