package io.attentionflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The script {@code attention-flow}, in a project whose Java and Maven only tell of their calls.
 */
class ScriptTest {

  private static final Instant BUILT = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path home;

  @BeforeEach
  void layOutAProjectThatIsBuilt() throws IOException {
    for (String file :
        List.of(
            "pom.xml",
            "config/pipeline.yaml",
            "config/scenarios/general.yaml",
            "jobs/pom.xml",
            "jobs/src/main/java/Job.java",
            "jobs/src/test/java/JobTest.java",
            "launcher/target/attention-flow-launcher-1.jar",
            "launcher/target/.built")) {
      Files.createDirectories(home.resolve(file).getParent());
      Files.createFile(home.resolve(file));
    }
    program("jdk/bin/java", "echo \"java $*\"");
    program("jdk/bin/javac", "true");
    program("bin/mvn", "echo \"mvn $*\"");
    Files.copy(Path.of("../attention-flow"), home.resolve("attention-flow"));
    try (Stream<Path> all = Files.walk(home)) {
      for (Path path : all.toList()) {
        Files.setLastModifiedTime(path, FileTime.from(BUILT));
      }
    }
  }

  private void program(String name, String does) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/usr/bin/env bash\n" + does + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"pom.xml", "jobs/pom.xml", "jobs/src/main/java/Job.java", "config/pipeline.yaml"})
  void buildsAgainWhenWhatIsPackedIsNewer(String file) throws Exception {
    edit(file);

    assertThat(run("doctor")).contains("mvn ").contains("java ");
    assertThat(run("doctor")).as("built by now").doesNotContain("mvn ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jobs/src/test/java/JobTest.java", "config/scenarios/general.yaml"})
  void buildsNothingForWhatIsNotPacked(String file) throws Exception {
    edit(file);

    assertThat(run("doctor")).doesNotContain("mvn ").contains("java ");
  }

  @Test
  void collectsGarbageInShortPausesWhereDecisionsWaitForThem() throws Exception {
    assertThat(run("local", "--rate", "2")).contains("MaxGCPauseMillis=50 ", " local --rate 2");
    assertThat(run("evaluate", "local")).doesNotContain("MaxGCPauseMillis=50 ");
  }

  private void edit(String file) throws IOException {
    Files.setLastModifiedTime(home.resolve(file), FileTime.from(BUILT.plusSeconds(1)));
  }

  /** What it and its programs have said. */
  private String run(String... arguments) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Stream.concat(
                    Stream.of("bash", home.resolve("attention-flow").toString()),
                    Stream.of(arguments))
                .toList());
    builder.environment().put("JAVA_HOME", home.resolve("jdk").toString());
    builder.environment().compute("PATH", (name, path) -> home.resolve("bin") + ":" + path);
    builder.environment().remove("ATTENTION_FLOW_JAVA_OPTS");
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
