package io.attentionflow.learning.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class RunningEvaluationTest {

  private final RunningEvaluation evaluation = new RunningEvaluation(2, 0.9);

  @Test
  void knowsNothingBeforeTheFirstAnswer() {
    assertThat(evaluation.overall().accuracy()).isNaN();
    assertThat(evaluation.overall().kappa()).isNaN();
    assertThat(evaluation.fading().logLoss()).isNaN();
  }

  @Test
  void measuresAsByHand() {
    // 40 of 50 and 20 of 50 right: accuracy .6; answers 70 and 30, so chance is .5, kappa .2.
    add(40, 0, 0);
    add(10, 0, 1);
    add(30, 1, 0);
    add(20, 1, 1);

    Scores scores = evaluation.overall();

    assertThat(scores.accuracy()).isCloseTo(0.6, within(1e-12));
    assertThat(scores.kappa()).isCloseTo(0.2, within(1e-12));
    assertThat(scores.logLoss())
        .isCloseTo(-0.6 * Math.log(0.8) - 0.4 * Math.log(0.2), within(1e-12));
    // Always 80 % sure, 60 % right.
    assertThat(scores.calibrationError()).isCloseTo(0.2, within(1e-12));
    assertThat(scores.majorityAccuracy()).isCloseTo(0.5, within(1e-12));
    assertThat(evaluation.examples()).isEqualTo(100);
  }

  @Test
  void forgetsOldAnswersInTheFadingWindow() {
    add(1000, 0, 1);
    add(100, 0, 0);

    assertThat(evaluation.overall().accuracy()).isLessThan(0.1);
    assertThat(evaluation.fading().accuracy()).isGreaterThan(0.9999);
  }

  @Test
  void isAlwaysFiniteAfterTheFirstAnswer() {
    evaluation.add(new double[] {1, 0}, 1);

    assertThat(evaluation.overall().logLoss()).isFinite().isGreaterThan(30);
    assertThat(evaluation.overall().kappa()).isFinite();
  }

  @Test
  void goesOnAfterReadingAsBefore() throws IOException {
    add(30, 0, 0);
    add(7, 1, 0);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    evaluation.writeTo(new DataOutputStream(bytes));
    RunningEvaluation read =
        RunningEvaluation.readFrom(
            new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

    read.add(new double[] {0.3, 0.7}, 1);
    evaluation.add(new double[] {0.3, 0.7}, 1);

    assertThat(read.overall()).isEqualTo(evaluation.overall());
    assertThat(read.fading()).isEqualTo(evaluation.fading());
    assertThat(read.examples()).isEqualTo(38);
  }

  @Test
  void refusesALabelThatIsNoClass() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluation.add(new double[] {0.5, 0.5}, 2))
        .withMessageContaining("label 2");
  }

  private void add(int times, int label, int answer) {
    for (int i = 0; i < times; i++) {
      evaluation.add(answer == 0 ? new double[] {0.8, 0.2} : new double[] {0.2, 0.8}, label);
    }
  }
}
