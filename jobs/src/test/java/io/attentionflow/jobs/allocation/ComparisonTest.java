package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  private static final int PER_SECOND = 100;

  @Test
  void includesAllWhileFewCome() {
    assertThat(included(new Comparison(PER_SECOND), PER_SECOND, 10)).hasSize(10 * PER_SECOND);
  }

  @Test
  void includesAboutSoManyOfMany() {
    Comparison comparison = new Comparison(PER_SECOND);
    included(comparison, 20_000, 1);

    assertThat(included(comparison, 20_000, 10).size() / 10).isBetween(PER_SECOND / 2, PER_SECOND);
  }

  @Test
  void doesNotIncludeThemAllInTheFirstSecondOfAFlood() {
    assertThat(included(new Comparison(PER_SECOND), 20_000, 1).size()).isLessThan(10 * PER_SECOND);
  }

  @Test
  void includesAllAgainWhenTheFloodIsOver() {
    Comparison comparison = new Comparison(PER_SECOND);
    included(comparison, 20_000, 1);
    comparison.includes("next second", 1_500);

    assertThat(comparison.includes("much later", 60_000)).isTrue();
    assertThat(comparison.includes("and another", 60_001)).isTrue();
  }

  @Test
  void choosesTheSameWhenTheSameComesAgain() {
    assertThat(included(new Comparison(PER_SECOND), 5_000, 3))
        .isEqualTo(included(new Comparison(PER_SECOND), 5_000, 3));
  }

  @Test
  void takesWhatIsLateForOfTheLatestSecond() {
    Comparison comparison = new Comparison(PER_SECOND);
    int included = 0;
    for (int i = 0; i < 10_000; i++) {
      included += comparison.includes("task-" + i, i % 2 == 0 ? 5_000 : 1_000) ? 1 : 0;
    }

    assertThat(included).isLessThan(10 * PER_SECOND);
  }

  /** Those of so many seconds that are included. */
  private static List<String> included(Comparison comparison, int perSecond, int seconds) {
    List<String> included = new ArrayList<>();
    for (int i = 0; i < perSecond * seconds; i++) {
      String taskId = "task-" + i;
      if (comparison.includes(taskId, 1000L * i / perSecond)) {
        included.add(taskId);
      }
    }
    return included;
  }
}
