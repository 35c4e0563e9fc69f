package io.attentionflow.learning.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UsageSharesTest {

  private static final int LAYOUT = 4;

  private final UsageShares shares = new UsageShares();

  @Test
  void believesTheRequestAtFirst() {
    assertThat(quantile(0.5)).isCloseTo(1, within(1e-12));
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
    assertThat(quantile(0.95)).isBetween(0.45, 0.5);
  }

  @Test
  void tellsSharesApartThatAreCloseToTheRequest() {
    for (int i = 0; i < 500; i++) {
      shares.used(i % 10 == 0 ? 1 : 0.9975 + i % 4 * 0.0005);
    }

    assertThat(quantile(0.2)).isBetween(0.995, 0.998);
    assertThat(quantile(0.5)).isBetween(0.998, 0.9985);
    assertThat(quantile(0.8)).isBetween(0.9985, 0.9995);
    assertThat(quantile(0.95)).isCloseTo(1, within(1e-12));
  }

  @Test
  void promisesNoLessThanWhatAllUse() {
    for (double share : new double[] {0.05, 0.123, 0.35, 0.5, 0.9, 0.9491, 0.999, 1, 1.3, 2.5}) {
      UsageShares same = new UsageShares();
      for (int i = 0; i < 500; i++) {
        same.used(share);
      }
      double[] probabilities = UsageShares.asRequested();
      same.narrow(probabilities);
      assertThat(UsageShares.quantile(probabilities, 0.95)).isBetween(share, share * 1.25);
    }
  }

  @Test
  void knowsThatSomeUseManyTimesWhatTheyAskedFor() {
    for (int i = 0; i < 500; i++) {
      shares.used(i % 4 == 0 ? 7 : 0.3);
    }

    assertThat(quantile(0.5)).isBetween(0.25, 0.3);
    assertThat(quantile(0.95)).isBetween(7.0, 8.0);
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

    assertThat(UsageShares.quantile(probabilities, 0.5)).isBetween(0.25, 0.3);
    assertThat(UsageShares.quantile(probabilities, 0.95)).isBetween(0.55, 0.6);
  }

  @Test
  void readsWhatItWrote() throws IOException {
    shares.used(0.6);
    shares.ranOut(0.9);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    shares.writeTo(new DataOutputStream(bytes));
    UsageShares read = new UsageShares();
    read.readFrom(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())), LAYOUT);
    double[] probabilities = UsageShares.asRequested();
    read.narrow(probabilities);

    assertThat(bytes.size()).as("two steps of many").isLessThan(30);
    for (double rank = 0.1; rank < 1; rank += 0.1) {
      assertThat(UsageShares.quantile(probabilities, rank)).isEqualTo(quantile(rank));
    }
  }

  @Test
  void readsTheCoarserStepsOfBeforeAndPromisesNoLess() throws IOException {
    float[] counts = new float[31];
    counts[5] = 60; // above 0.25, up to 0.3
    counts[19] = 30; // above 0.95, up to 1
    counts[27] = 10; // above 3, up to 4
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeBoolean(true);
    out.writeFloat(100);
    for (float count : counts) {
      out.writeFloat(count);
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    shares.readFrom(in, 3);

    assertThat(in.available()).isZero();
    assertThat(quantile(0.55)).isEqualTo(0.3);
    assertThat(quantile(0.85)).isCloseTo(1, within(1e-12));
    assertThat(quantile(0.999)).isEqualTo(4);
  }

  private double quantile(double rank) {
    double[] probabilities = UsageShares.asRequested();
    shares.narrow(probabilities);
    return UsageShares.quantile(probabilities, rank);
  }
}
