package io.attentionflow.benchmarks.forest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ForestComparisonTest {

  @TempDir Path directory;

  @Test
  void comparesOnGeneratedStreamsAndOnFiles() throws IOException {
    Path arff = directory.resolve("colours.arff");
    Path data = directory.resolve("sizes.data");
    Path labels = directory.resolve("sizes.labels");
    write(arff, data, labels);

    JsonNode streams =
        run(
            "--stream=AGRAWAL,RBF,LED,SEA",
            "--examples=600",
            "--warm-up=100",
            "--arff=" + arff,
            "--table=" + data + ":" + labels);

    assertThat(streams).hasSize(6);
    for (JsonNode stream : streams) {
      assertThat(stream.at("/examples").asInt()).isEqualTo(600);
      for (String contestant : new String[] {"forest", "moa"}) {
        assertThat(stream.at("/" + contestant + "/accuracy").asDouble()).isBetween(0.15, 1.0);
        assertThat(stream.at("/" + contestant + "/examplesPerSecond").asDouble()).isPositive();
      }
    }
    for (int ofFile = 4; ofFile < 6; ofFile++) {
      assertThat(streams.get(ofFile).at("/forest/accuracy").asDouble()).isGreaterThan(0.9);
      assertThat(streams.get(ofFile).at("/moa/accuracy").asDouble()).isGreaterThan(0.9);
    }
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThat(new CommandLine(new ForestComparison()).execute("--stream=OCEAN")).isEqualTo(2);
    assertThat(new CommandLine(new ForestComparison()).execute("--stream=none", "--table=one"))
        .isEqualTo(2);
  }

  private static void write(Path arff, Path data, Path labels) throws IOException {
    Random random = new Random(3);
    StringBuilder colours =
        new StringBuilder(
            """
            @relation colours
            @attribute colour {red,green}
            @attribute size numeric
            @attribute class {no,yes}
            @data
            """);
    StringBuilder sizes = new StringBuilder();
    StringBuilder classes = new StringBuilder();
    for (int i = 0; i < 600; i++) {
      boolean yes = random.nextBoolean();
      double size = random.nextGaussian() + (yes ? 4 : 0);
      colours.append(yes ? "red," : "green,").append(size).append(yes ? ",yes\n" : ",no\n");
      sizes.append(size).append(' ').append(random.nextDouble()).append('\n');
      classes.append(yes ? "1\n" : "0\n");
    }
    Files.writeString(arff, colours);
    Files.writeString(data, sizes);
    Files.writeString(labels, classes);
  }

  private static JsonNode run(String... arguments) throws IOException {
    PrintStream stdout = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream captured = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      assertThat(new CommandLine(new ForestComparison()).execute(arguments)).isZero();
    } finally {
      System.setOut(stdout);
    }
    return new ObjectMapper().readTree(bytes.toString(StandardCharsets.UTF_8)).at("/streams");
  }
}
