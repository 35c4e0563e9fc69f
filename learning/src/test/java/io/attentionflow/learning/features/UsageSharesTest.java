package io.attentionflow.learning.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UsageSharesTest {

  private final UsageShares shares = new UsageShares();

  @Test
  void believesTheRequestAtFirst() {
    assertThat(quantile(0.5)).isEqualTo(1);
    shares.used(0.3);
    shares.used(0.3);
    assertThat(quantile(0.95)).isEqualTo(1);
  }

  @Test
  void comesToWhatIsUsed() {
    Random random = new Random(2);
    for (int i = 0; i < 500; i++) {
      shares.used(0.2 + 0.3 * random.nextDouble());
    }

    assertThat(quantile(0.5)).isBetween(0.3, 0.4);
    assertThat(quantile(0.95)).isBetween(0.45, 0.55);
  }

  @Test
  void risesAtOnceWhenATaskRunsOut() {
    for (int i = 0; i < 500; i++) {
      shares.used(0.3);
    }
    double before = quantile(0.95);
    shares.ranOut(0.4);

    assertThat(before).isBetween(0.3, 0.35);
    assertThat(quantile(0.95)).isBetween(0.5, 0.55);
  }

  @Test
  void knowsThatSomeUseManyTimesWhatTheyAskedFor() {
    for (int i = 0; i < 500; i++) {
      shares.used(i % 4 == 0 ? 7 : 0.3);
    }

    assertThat(quantile(0.5)).isBetween(0.3, 0.35);
    assertThat(quantile(0.95)).isEqualTo(8);
    shares.used(1000);
    assertThat(quantile(0.999)).isEqualTo(32);
  }

  @Test
  void leansOnTheWiderScopeWhileYoung() {
    UsageShares wider = new UsageShares();
    for (int i = 0; i < 500; i++) {
      wider.used(0.3);
    }
    double[] probabilities = UsageShares.asRequested();
    wider.narrow(probabilities);
    shares.used(0.6);
    shares.narrow(probabilities);

    assertThat(UsageShares.quantile(probabilities, 0.5)).isBetween(0.3, 0.35);
    assertThat(UsageShares.quantile(probabilities, 0.95)).isBetween(0.6, 0.65);
  }

  @Test
  void readsWhatItWrote() throws IOException {
    shares.used(0.6);
    shares.ranOut(0.9);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    shares.writeTo(new DataOutputStream(bytes));
    UsageShares read = new UsageShares();
    read.readFrom(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    double[] probabilities = UsageShares.asRequested();
    read.narrow(probabilities);

    assertThat(UsageShares.quantile(probabilities, 0.7)).isEqualTo(quantile(0.7));
  }

  private double quantile(double rank) {
    double[] probabilities = UsageShares.asRequested();
    shares.narrow(probabilities);
    return UsageShares.quantile(probabilities, rank);
  }
}
