package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.StartPace.Estimate;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class StartPaceTest {

  private static StartPace everySoManySeconds(int seconds, int starts) {
    StartPace pace = StartPace.NONE;
    for (int i = 0; i < starts; i++) {
      pace = pace.started(at((long) i * seconds));
    }
    return pace;
  }

  @Test
  void saysNothingAfterAFewStarts() {
    assertThat(everySoManySeconds(10, 7).after(1, at(100))).isNull();
    assertThat(everySoManySeconds(10, 8).after(1, at(100))).isNotNull();
  }

  @Test
  void expectsAsManyGapsAsThereAreStartsToCome() {
    Estimate estimate = everySoManySeconds(10, 100).after(25, at(1000));

    assertThat(estimate).isEqualTo(new Estimate(at(1150), at(1250), at(1350)));
  }

  @Test
  void followsThePaceOfTheLastDozens() {
    StartPace pace = everySoManySeconds(10, 1000);
    for (int i = 0; i < 500; i++) {
      pace = pace.started(at(10_000 + i));
    }

    assertThat(pace.gapMillis()).isBetween(1000.0, 1010.0);
  }

  @Test
  void neverExpectsAStartInThePast() {
    Estimate estimate = everySoManySeconds(10, 100).after(1, at(1000));

    assertThat(Objects.requireNonNull(estimate).earliest()).isEqualTo(at(1000));
  }
}
