package io.attentionflow.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the benchmark works; how fast anything is, is not looked at. */
class CheckpointBenchmarkTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  @Timeout(120)
  void measuresDecisionsAndARestore() throws Exception {
    int exitCode =
        run(
            "--nodes 5 --waiting 20 --rate 20 --seconds 1 --backend hashmap"
                + " --option delivery.checkpoint-interval=200ms");

    assertThat(exitCode).as(err.toString(StandardCharsets.UTF_8)).isZero();
    JsonNode result = new ObjectMapper().readTree(out.toByteArray()).at("/hashmap");
    assertThat(result.at("/decisions").asInt()).isEqualTo(20);
    assertThat(result.at("/checkpoints").asInt()).isPositive();
    assertThat(result.at("/p50Millis").asDouble())
        .isPositive()
        .isLessThanOrEqualTo(result.at("/maxMillis").asDouble());
    assertThat(result.at("/secondsToRestore").asDouble()).isPositive();
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThat(run("--waiting 0")).isEqualTo(2);
    assertThat(out.size()).isZero();
  }

  private int run(String line) {
    return CheckpointBenchmark.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        line.split(" ", -1));
  }
}
