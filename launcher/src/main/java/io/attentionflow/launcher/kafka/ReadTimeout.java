package io.attentionflow.launcher.kafka;

import io.attentionflow.launcher.DurationConverter;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How long a command may read before it gives up. */
public final class ReadTimeout {

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "60s",
      description =
          "How long reading the topic up to now may take, such as 10s or 5m. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration timeout;

  public Duration value() {
    return timeout;
  }
}
