package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.wire.RecordCodec;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeadLettersTest {

  /** What brokers take of one batch unless told otherwise, and producers of one record. */
  private static final int MEBIBYTE = 1 << 20;

  @Test
  void keepsTheBytesOfARecordThatIsNotHuge() {
    byte[] value = new byte[500_000];
    value[7] = 7;

    DeadLetter letter = letter(new byte[] {1}, value, "bad");

    assertThat(letter.getKey()).isEqualTo(ByteBuffer.wrap(new byte[] {1}));
    assertThat(letter.getValue()).isEqualTo(ByteBuffer.wrap(value));
    assertThat(letter.getDetail()).isEqualTo("bad");
  }

  @Test
  void fitsIntoATopicHoweverLargeTheRecordWas() {
    for (int bytes : new int[] {MEBIBYTE - 200, 16 * MEBIBYTE}) {
      DeadLetter letter = letter(new byte[] {1}, new byte[bytes], "bad");

      assertThat(letter.getKey()).isEqualTo(ByteBuffer.wrap(new byte[] {1}));
      assertThat(letter.getValue()).isNull();
      assertThat(letter.getDetail())
          .startsWith("bad")
          .contains("value of %d bytes".formatted(bytes));
      assertFits(letter);
    }
    assertFits(letter(new byte[MEBIBYTE], new byte[MEBIBYTE], "bad"));
    assertFits(letter(new byte[400_000], new byte[600_000], "bad"));
    assertFits(letter(null, null, "x".repeat(2 * MEBIBYTE)));
  }

  private static void assertFits(DeadLetter letter) {
    assertThat(RecordCodec.of(DeadLetter.class).encode(letter).length).isLessThan(MEBIBYTE - 1024);
  }

  private static DeadLetter letter(byte @Nullable [] key, byte @Nullable [] value, String detail) {
    return DeadLetters.of(
        new RawRecord("task-events", 3, 14, 15, key, value), DeadLetterReason.UNDECODABLE, detail);
  }
}
