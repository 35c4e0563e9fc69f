package io.attentionflow.learning.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AdwinTest {

  @Property(tries = 60)
  void keepsTheWindowThatAPlainOneKeeps(
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0, max = 1) double first,
      @ForAll @DoubleRange(min = 0, max = 1) double second,
      @ForAll @IntRange(min = 1, max = 700) int step) {
    Random random = new Random(seed);
    Adwin fast = new Adwin(0.01);
    PlainAdwin plain = new PlainAdwin(0.01);
    for (int i = 0; i < 1000; i++) {
      double value = random.nextDouble() < (i < step ? first : second) ? 1 : random.nextDouble();
      assertThat(fast.add(value)).isEqualTo(plain.add(value));
      if (i % 50 == 0) {
        assertThat(fast.width()).isEqualTo(plain.width());
        assertThat(fast.mean()).isCloseTo(plain.mean(), within(1e-9));
      }
    }
  }

  @Property(tries = 30)
  void goesOnAfterRestoringAsBefore(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 3000) int length) throws IOException {
    Random random = new Random(seed);
    Adwin straight = new Adwin(0.002);
    for (int i = 0; i < length; i++) {
      straight.add(random.nextInt(10) < 3 ? 1 : 0);
    }
    Adwin restored = new Adwin(0.002);
    restored.add(1);
    read(restored, written(straight));
    for (int i = 0; i < 500; i++) {
      double value = random.nextInt(10) < 6 ? 1 : 0;
      assertThat(restored.add(value)).isEqualTo(straight.add(value));
    }
    assertThat(written(restored)).isEqualTo(written(straight));
  }

  /** delta bounds the chance of a false alarm at one look; in practice it is far rarer. */
  @Test
  void leavesSteadyStreamsAlone() {
    int alarms = 0;
    int streams = 40;
    int length = 20_000;
    for (int stream = 0; stream < streams; stream++) {
      Random random = new Random(stream);
      Adwin window = new Adwin(0.002);
      double rate = (stream + 1.0) / (streams + 1);
      for (int i = 0; i < length; i++) {
        alarms += window.add(random.nextDouble() < rate ? 1 : 0) == Adwin.Change.NONE ? 0 : 1;
      }
    }
    double looks = (double) streams * length / Adwin.CHECK_EVERY;
    assertThat(alarms / looks).isLessThan(0.002);
    assertThat(alarms).isLessThan(streams / 4);
  }

  @Test
  void noticesAStepSoonAndSaysWhichWay() {
    assertThat(delay(0.2, 0.4, Adwin.Change.ROSE)).isBetween(1, 400);
    assertThat(delay(0.4, 0.2, Adwin.Change.FELL)).isBetween(1, 400);
    assertThat(delay(0.1, 0.9, Adwin.Change.ROSE)).isBetween(1, 64);
  }

  private static int delay(double before, double after, Adwin.Change expected) {
    Random random = new Random(5);
    Adwin window = new Adwin(0.002);
    for (int i = 0; i < 4000; i++) {
      assertThat(window.add(random.nextDouble() < before ? 1 : 0)).isEqualTo(Adwin.Change.NONE);
    }
    for (int i = 1; i < 2000; i++) {
      Adwin.Change change = window.add(random.nextDouble() < after ? 1 : 0);
      if (change != Adwin.Change.NONE) {
        assertThat(change).isEqualTo(expected);
        assertThat(window.width()).isLessThan(4000);
        return i;
      }
    }
    throw new AssertionError("A step from %s to %s goes unnoticed".formatted(before, after));
  }

  @Test
  void forgetsWhatCameBeforeAStep() {
    Random random = new Random(6);
    Adwin window = new Adwin(0.002);
    for (int i = 0; i < 20_000; i++) {
      window.add(random.nextDouble() < (i < 10_000 ? 0.1 : 0.6) ? 1 : 0);
    }
    assertThat(window.mean()).isCloseTo(0.6, within(0.03));
    assertThat(window.width()).isBetween(8_000L, 10_300L);
  }

  @Test
  void staysSmallHoweverLongTheStream() throws IOException {
    Adwin window = new Adwin(0.002);
    Random random = new Random(7);
    for (int i = 0; i < 2_000_000; i++) {
      window.add(random.nextInt(2));
    }
    assertThat(window.width()).isEqualTo(2_000_000);
    assertThat(written(window).length).isLessThan(2_500);
  }

  @Test
  void isEmptyAfterReset() {
    Adwin window = new Adwin(0.002);
    for (int i = 0; i < 100; i++) {
      window.add(1);
    }
    window.reset();
    assertThat(window.width()).isZero();
    assertThat(window.mean()).isZero();
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Adwin(0)).withMessageContaining("0");
    assertThatIllegalArgumentException().isThrownBy(() -> new Adwin(1));
    Adwin window = new Adwin(0.01);
    assertThatIllegalArgumentException().isThrownBy(() -> window.add(1.5));
    assertThatIllegalArgumentException().isThrownBy(() -> window.add(Double.NaN));
  }

  @Test
  void refusesAWindowThatCannotBeRight() throws IOException {
    Adwin window = new Adwin(0.01);
    window.add(1);
    byte[] damaged = written(window);
    damaged[8]++;
    assertThatThrownBy(() -> read(window, damaged))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("2 in the window");
  }

  private static byte[] written(Adwin window) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    window.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static void read(Adwin window, byte[] bytes) throws IOException {
    window.readFrom(new DataInputStream(new ByteArrayInputStream(bytes)));
  }
}
