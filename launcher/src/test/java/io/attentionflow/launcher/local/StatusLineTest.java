package io.attentionflow.launcher.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.launcher.local.PipelineTally.Counts;
import io.attentionflow.launcher.local.PipelineTally.Model;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatusLineTest {

  @Test
  void saysHowItIsInOneLine() {
    Model prior = new Model("prior", false, 900, 0.5, 0.5, 0.4);
    Model logistic = new Model("logistic", true, 1000, 0.75, 0.8125, 0.5);
    Counts before = new Counts(1000, 900, 0, 3, 5, 74, 0, Map.of(), 0, "");
    Counts now =
        new Counts(
            2310, 1900, 8, 20, 61, 74, 2, Map.of("prior", prior, "logistic", logistic), 0, "");

    assertThat(StatusLine.of(Duration.ofSeconds(65), now, before, Duration.ofSeconds(5)))
        .isEqualTo(
            "01:05  tasks 2,310 in, 1,900 decided (200/s, 8 rejected), 20 pending"
                + " | nodes 61/74 with tasks"
                + " | logistic right 75.0 %, lately 81.3 % (most frequent class: 50.0 %)"
                + " | 2 dead letters");
  }

  @Test
  void saysOnceThatTasksHaveChanged() {
    Counts calm = new Counts(10, 9, 0, 1, 1, 2, 0, Map.of(), 0, "");
    Counts changed = new Counts(20, 19, 0, 1, 1, 2, 0, Map.of(), 1, "mixture: errs more");

    assertThat(StatusLine.of(Duration.ofSeconds(9), changed, calm, Duration.ofSeconds(5)))
        .endsWith("has not learned yet | drift, mixture: errs more");
    assertThat(StatusLine.of(Duration.ofSeconds(14), changed, changed, Duration.ofSeconds(5)))
        .endsWith("has not learned yet");
  }

  @Test
  void doesNotPretendToKnowHowGoodAModelIsThatHasSeenNothing() {
    assertThat(
            StatusLine.of(Duration.ofSeconds(5), Counts.NONE, Counts.NONE, Duration.ofSeconds(5)))
        .endsWith("nodes 0/0 with tasks | model has not learned yet");
  }
}
