package io.attentionflow.learning.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ClassTableTest {

  /** Against a plain map of arrays, while there is room for all. */
  @Property(tries = 200)
  void countsAsAPlainMapDoes(@ForAll @Size(max = 300) List<@IntRange(max = 299) Integer> labels) {
    ClassTable table = new ClassTable(3, 1 << 12);
    Map<Long, float[]> plain = new HashMap<>();
    for (int code : labels) {
      long context = Keys.of(code / 3);
      int label = code % 3;
      table.count(context, label, 1);
      float[] counts = plain.computeIfAbsent(context, key -> new float[6]);
      for (int i = 0; i < 3; i++) {
        counts[i] *= ClassTable.FAST_DECAY;
        counts[3 + i] *= ClassTable.SLOW_DECAY;
      }
      counts[label]++;
      counts[3 + label]++;
    }
    assertThat(table.size()).isEqualTo(plain.size());
    plain.forEach(
        (context, counts) -> {
          int slot = table.find(context);
          for (int i = 0; i < 3; i++) {
            assertThat(table.fast(slot, i)).isEqualTo(counts[i]);
            assertThat(table.slow(slot, i)).isEqualTo(counts[3 + i]);
          }
        });
  }

  @Test
  void staysBoundedAndKeepsWhatIsInUse() {
    ClassTable table = new ClassTable(2, 64);
    long inUse = Keys.of(0);
    for (int i = 1; i < 10_000; i++) {
      table.count(Keys.of(i), 0, 1);
      table.count(inUse, 1, 1);
    }
    assertThat(table.size()).isLessThanOrEqualTo(64);
    assertThat(table.slow(table.find(inUse), 1)).isCloseTo(200, within(0.1f));
  }

  @Test
  void keepsWhatIsInUseAlsoWhenItsClockStartsOver() throws IOException {
    ClassTable young = new ClassTable(2, 64);
    young.count(Keys.of(0), 1, 1);
    byte[] old = written(young);
    ByteBuffer.wrap(old).putInt(4 * Integer.BYTES, Integer.MAX_VALUE - 2_000);
    ClassTable table = new ClassTable(2, 64).read(in(old));
    long inUse = Keys.of(0);
    for (int i = 1; i < 10_000; i++) {
      table.count(Keys.of(i), 0, 1);
      table.count(inUse, 1, 1);
    }
    assertThat(table.slow(table.find(inUse), 1)).isCloseTo(200, within(0.1f));
  }

  @Test
  void readsWhatItWrote() throws IOException {
    ClassTable table = new ClassTable(2, 64);
    for (int i = 0; i < 500; i++) {
      table.count(Keys.of(i % 90), i % 2, 1);
    }
    byte[] written = written(table);

    assertThat(written(new ClassTable(2, 64).read(in(written)))).isEqualTo(written);
  }

  @Test
  void refusesWhatIsNoTable() {
    assertThatIOException().isThrownBy(() -> new ClassTable(2, 64).read(in(new byte[64])));
  }

  @Test
  void refusesATableOfOtherClassesOrThatMayBeLargerThanItself() throws IOException {
    ClassTable table = new ClassTable(2, 64);
    byte[] ofOthers = written(new ClassTable(3, 64));
    byte[] larger = written(new ClassTable(2, 128));

    assertThatIOException()
        .isThrownBy(() -> table.read(in(ofOthers)))
        .withMessageContaining("3 classes");
    assertThatIOException()
        .isThrownBy(() -> table.read(in(larger)))
        .withMessageContaining("at most 128");
  }

  private static byte[] written(ClassTable table) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    table.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream in(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }
}
