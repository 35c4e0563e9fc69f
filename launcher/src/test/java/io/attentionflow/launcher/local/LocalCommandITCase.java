package io.attentionflow.launcher.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attentionflow.launcher.RunningCommand;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LocalCommandITCase {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Pattern RUNNING = Pattern.compile("^Running");
  private static final Pattern KAFKA = Pattern.compile("^Kafka +(\\S+)");
  private static final Pattern ACCURACY =
      Pattern.compile("right ([0-9.]+) %.*most frequent class: ([0-9.]+) %");

  @Test
  void learnsToTellClassesApartUntilItIsStopped() throws Exception {
    try (RunningCommand local =
        RunningCommand.start("local", "--speedup", "600", "--every", "1s")) {
      local.await(RUNNING, PATIENCE);
      Matcher line = local.await(ACCURACY, PATIENCE);
      while (Double.parseDouble(line.group(1)) < Double.parseDouble(line.group(2)) + 5) {
        line = local.await(ACCURACY, PATIENCE);
      }
      local.stop();

      assertThat(local.awaitExit(PATIENCE)).isZero();
      JsonNode counts = JSON.readTree(local.result());
      assertThat(counts.path("decided").asLong()).isPositive();
      assertThat(counts.path("nodes").asInt()).isEqualTo(74);
      assertThat(counts.path("deadLetters").asLong()).isZero();
      assertThat(counts.path("models").findValuesAsText("serving")).containsOnlyOnce("true");
    }
  }

  @Test
  void runsATraceThroughTheJobToItsEnd() throws Exception {
    try (RunningCommand local =
        RunningCommand.start(
            "local", "--no-simulation", "--kafka-port", "0", "--flink-port", "0")) {
      String kafka = local.await(KAFKA, PATIENCE).group(1);
      local.await(RUNNING, PATIENCE);
      try (RunningCommand replay =
          RunningCommand.start(
              "replay",
              "../simulation/src/test/resources/traces/small.swf",
              "--bootstrap-servers",
              kafka,
              "--speedup",
              "100")) {
        assertThat(replay.awaitExit(PATIENCE)).isZero();
        JsonNode counts = JSON.readTree(replay.result());
        assertThat(counts.path("submitted").asLong()).isPositive();
        assertThat(counts.path("over")).isEqualTo(counts.path("submitted"));
        assertThat(counts.path("allocated")).isEqualTo(counts.path("submitted"));
        assertThat(counts.path("overcommitments").asLong()).isZero();
      }
      local.stop();
      assertThat(local.awaitExit(PATIENCE)).isZero();
    }
  }

  @Test
  void saysWhichPortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = taken.getLocalPort();
      try (RunningCommand local =
          RunningCommand.start("local", "--kafka-port", Integer.toString(port))) {
        local.await(Pattern.compile("port %d is taken.*--kafka-port".formatted(port)), PATIENCE);
        assertThat(local.awaitExit(PATIENCE)).isEqualTo(1);
        assertThat(local.result()).isEmpty();
      }
    }
  }

  @Test
  void tellsTheFirstAndTheLastOfAStackTrace() {
    assertThat(
            LocalCommand.causes(
                """
                java.lang.RuntimeException: it does not work
                \tat some.Place
                Caused by: java.io.IOException: in between
                Caused by: java.net.ConnectException: refused
                \tat some.OtherPlace
                """))
        .isEqualTo(
            "java.lang.RuntimeException: it does not work\n"
                + "Caused by: java.net.ConnectException: refused");
    assertThat(LocalCommand.causes("")).isEqualTo("Flink does not say why");
  }
}
