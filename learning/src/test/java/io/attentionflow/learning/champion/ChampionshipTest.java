package io.attentionflow.learning.champion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.learning.champion.Championship.Change;
import io.attentionflow.learning.champion.Championship.Rules;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChampionshipTest {

  private static final Rules RULES = new Rules(0.999, 0.01, 5, 200, 2_000);
  private static final List<String> LEARNERS = List.of("prior", "logistic", "mixture");

  private final SplittableRandom random = new SplittableRandom(7);
  private final List<Change> changes = new ArrayList<>();
  private Championship championship = new Championship(LEARNERS, "prior", RULES);

  @Test
  void promotesTheOneThatIsBestAndSaysWhy() {
    play(1_000, 1.0, 0.9, 0.7);

    assertThat(changes).hasSize(1);
    assertThat(changes.get(0).from()).isEqualTo("prior");
    assertThat(changes.get(0).to()).isEqualTo("mixture");
    assertThat(changes.get(0).rolledBack()).isFalse();
    assertThat(changes.get(0).note()).contains("mixture").contains("prior");
    assertThat(championship.champion()).isEqualTo("mixture");
    assertThat(championship.advantage("mixture")).isZero();
    assertThat(championship.advantage("prior")).isCloseTo(-0.3, within(0.1));
  }

  @Test
  void keepsAChampionThatIsAsGood() {
    play(20_000, 0.8, 0.8, 0.8);

    assertThat(changes).isEmpty();
  }

  @Test
  void keepsAChampionThatIsWorseByLessThanTheMargin() {
    for (int i = 0; i < 20_000; i++) {
      add(0.8, 0.795, 0.81);
    }

    assertThat(changes).isEmpty();
  }

  @Test
  void rollsBackOneThatDisappoints() {
    play(1_000, 1.0, 0.7, 1.2);
    play(1_000, 1.0, 1.3, 1.2);

    assertThat(changes).hasSize(2);
    assertThat(changes.get(1).to()).isEqualTo("prior");
    assertThat(changes.get(1).rolledBack()).isTrue();
  }

  @Test
  void promotesAnewOnceTheProbationIsOver() {
    play(5_000, 1.0, 0.7, 1.2);
    play(5_000, 0.7, 1.0, 1.2);

    assertThat(changes).hasSize(2);
    assertThat(changes.get(1).to()).isEqualTo("prior");
    assertThat(changes.get(1).rolledBack()).isFalse();
  }

  @Test
  void doesNotCompareWhatWasNotAnswered() {
    for (int i = 0; i < 5_000; i++) {
      add(1.0, Double.NaN, Double.NaN);
    }

    assertThat(changes).isEmpty();
    assertThat(championship.advantage("mixture")).isNaN();
  }

  @Test
  void isNotDecidedByOneAnswerThatWasSurelyWrong() {
    play(1_000, 0.8, 0.8, 0.8);
    add(Double.POSITIVE_INFINITY, 0.1, 0.1);
    play(1_000, 0.8, 0.8, 0.8);

    assertThat(changes).isEmpty();
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Championship(LEARNERS, "forest", RULES))
        .withMessageContaining("forest");
    assertThatIllegalArgumentException().isThrownBy(() -> championship.add(new double[2]));
    assertThatIllegalArgumentException().isThrownBy(() -> new Rules(1, 0, 0, 1, 0));
  }

  /** Where it goes on from what was written, it decides the same. */
  @Property(tries = 50)
  void goesOnAsIfNothingHadHappened(@ForAll long seed) throws IOException {
    Championship whole = new Championship(LEARNERS, "logistic", RULES);
    Championship cut = new Championship(LEARNERS, "logistic", RULES);
    SplittableRandom draws = new SplittableRandom(seed);
    double[] means = {draws.nextDouble(), draws.nextDouble(), draws.nextDouble()};
    long changed = -RULES.rest();
    for (int i = 0; i < 3_000; i++) {
      if (i % 1_000 == 500) {
        means = new double[] {draws.nextDouble(), draws.nextDouble(), draws.nextDouble()};
        cut = Championship.readFrom(new DataInputStream(written(cut)), RULES);
      }
      double[] losses = losses(draws, means);
      Change change = whole.add(losses);
      assertThat(cut.add(losses)).isEqualTo(change);
      if (change != null) {
        assertThat(i - changed).isGreaterThanOrEqualTo(RULES.rest());
        changed = i;
      }
      assertThat(cut.champion()).isEqualTo(whole.champion());
    }
  }

  private static ByteArrayInputStream written(Championship championship) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    championship.writeTo(new DataOutputStream(bytes));
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  private void play(int examples, double... means) {
    for (int i = 0; i < examples; i++) {
      add(losses(random, means));
    }
  }

  /** Tasks are hard or easy for all alike, which comparing in pairs takes out. */
  private static double[] losses(SplittableRandom random, double[] means) {
    double hard = random.nextDouble() * 2;
    double[] losses = new double[means.length];
    for (int i = 0; i < means.length; i++) {
      losses[i] = means[i] * hard + random.nextDouble() * 0.2;
    }
    return losses;
  }

  private void add(double... losses) {
    @Nullable Change change = championship.add(losses);
    if (change != null) {
      changes.add(change);
    }
  }
}
