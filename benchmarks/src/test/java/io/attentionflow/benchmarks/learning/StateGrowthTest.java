package io.attentionflow.benchmarks.learning;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attentionflow.learning.features.FeatureVector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class StateGrowthTest {

  @Test
  void looksAtTheHeapAsOftenAsAsked() throws IOException {
    PrintStream stdout = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream captured = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      assertThat(
              new CommandLine(new StateGrowth())
                  .execute("--learner=prior,forest", "--examples=3000", "--looks=3"))
          .isZero();
    } finally {
      System.setOut(stdout);
    }
    JsonNode learners =
        new ObjectMapper().readTree(bytes.toString(StandardCharsets.UTF_8)).at("/learners");

    assertThat(learners).hasSize(2);
    for (JsonNode learner : learners) {
      assertThat(learner.at("/seen")).hasSize(4);
      assertThat(learner.at("/seen/3/examples").asInt()).isEqualTo(3000);
      assertThat(learner.at("/seen/3/snapshotBytes").asInt())
          .isGreaterThan(learner.at("/seen/0/snapshotBytes").asInt());
      assertThat(learner.at("/seen/3/accuracySinceLast").asDouble()).isGreaterThan(0.25);
    }
  }

  @Test
  void refusesALearnerThatThereIsNot() {
    assertThat(new CommandLine(new StateGrowth()).execute("--learner=oracle")).isEqualTo(2);
    assertThat(new CommandLine(new StateGrowth()).execute("--looks=0")).isEqualTo(2);
  }

  @Test
  void bringsNewTenantsForEverAndTheSameTasksFromTheSameSeed() {
    DriftingTasks one = new DriftingTasks(5);
    DriftingTasks other = new DriftingTasks(5);
    for (int i = 0; i < 20_000; i++) {
      FeatureVector x = one.next();
      FeatureVector y = other.next();
      assertThat(y.keys()).isEqualTo(x.keys());
      assertThat(other.label()).isEqualTo(one.label());
      one.schema().check(x);
    }
    assertThat(one.tenants()).isGreaterThan(220);
  }
}
