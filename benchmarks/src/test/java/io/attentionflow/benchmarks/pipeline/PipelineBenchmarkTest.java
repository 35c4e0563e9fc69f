package io.attentionflow.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** That the benchmark works; how fast anything is, is not looked at. */
class PipelineBenchmarkTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path directory;

  @Test
  @Timeout(120)
  void measuresBothJobsAndSaysWhereTheTimeWent() throws Exception {
    Path recording = directory.resolve("allocation.jfr");
    Path json = directory.resolve("result.json");

    int exitCode =
        run(
            "--tasks 300 --run-in 0 --copies 2 --rounds 1 --warm-up 0 --parallelism 1 --nodes 6 --pools 3 --tenants 5"
                + " --delivery exactly-once --rate 50 --seconds 1 --agents"
                + " --option delivery.checkpoint-interval=200ms",
            "--profile",
            recording.toString(),
            "--json",
            json.toString());

    assertThat(exitCode).as(err.toString(StandardCharsets.UTF_8)).isZero();
    JsonNode result = new ObjectMapper().readTree(out.toByteArray());
    JsonNode throughput = result.at("/exactly-once/throughput");
    assertThat(throughput.at("/identity/medianEventsPerSecond").asInt()).isPositive();
    assertThat(throughput.at("/carrying/medianEventsPerSecond").asInt()).isPositive();
    assertThat(throughput.at("/allocation/medianEventsPerSecond").asInt()).isPositive();
    assertThat(throughput.at("/allocation/rounds")).hasSize(1);
    assertThat(throughput.at("/ratio").isNumber()).isTrue();
    assertThat(throughput.at("/ratioToCarrying").isNumber()).isTrue();
    JsonNode latency = result.at("/exactly-once/latency");
    assertThat(latency.at("/events").asInt()).isEqualTo(50);
    assertThat(latency.at("/p50Millis").asDouble())
        .isPositive()
        .isLessThanOrEqualTo(latency.at("/p99Millis").asDouble());
    assertThat(result.at("/profile/cpuSeconds").asDouble()).isPositive();
    assertThat(result.at("/profile/tasksByCode")).isNotEmpty();
    assertThat(recording).isNotEmptyFile();
    assertThat(new ObjectMapper().readTree(json.toFile())).isEqualTo(result);
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThat(run("--delivery exactly-never")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("exactly-never");
    assertThat(run("--tasks 0")).isEqualTo(2);
    assertThat(run("nonsense")).isEqualTo(2);
    assertThat(out.size()).isZero();
  }

  private int run(String line, String... more) {
    String[] words = line.isEmpty() ? new String[0] : line.split(" ", -1);
    String[] args = new String[words.length + more.length];
    System.arraycopy(words, 0, args, 0, words.length);
    System.arraycopy(more, 0, args, words.length, more.length);
    return PipelineBenchmark.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        args);
  }
}
