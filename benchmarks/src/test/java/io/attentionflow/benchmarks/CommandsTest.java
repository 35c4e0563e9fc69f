package io.attentionflow.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands say before they build or measure anything. */
class CommandsTest {

  /** What came of a command, with both of its outputs. */
  private record Ran(int exitCode, String said) {}

  @ParameterizedTest
  @ValueSource(strings = {"ablation", "bound", "engine", "faults", "prediction"})
  void sayHowTheyAreUsed(String command) throws Exception {
    Ran ran = run(Path.of(command), "--help");

    assertThat(ran.exitCode()).as(ran.said()).isZero();
    assertThat(ran.said()).startsWith("benchmarks/" + command + " ").doesNotContain("#");
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint", "pipeline"})
  void sayWhatToDoWhereNothingIsBuilt(String command, @TempDir Path project) throws Exception {
    Path directory = Files.createDirectory(project.resolve("benchmarks"));
    Files.copy(Path.of("common.sh"), directory.resolve("common.sh"));
    Path copy = Files.copy(Path.of(command), directory.resolve(command));

    Ran ran = run(copy, "--help");

    assertThat(ran.exitCode()).as(ran.said()).isEqualTo(1);
    assertThat(ran.said()).contains("benchmarks/" + command, "mvn -DskipTests package");
  }

  @Test
  void faultsKnowsNoOtherOptions() throws Exception {
    Ran ran = run(Path.of("faults"), "--nonsense");

    assertThat(ran.exitCode()).as(ran.said()).isEqualTo(2);
    assertThat(ran.said()).contains("--plain-every");
  }

  private static Ran run(Path script, String argument) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(List.of("bash", script.toString(), argument))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), said);
  }
}
