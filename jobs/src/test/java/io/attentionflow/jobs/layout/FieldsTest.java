package io.attentionflow.jobs.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class FieldsTest {

  @Test
  void writesWholeNumbersSevenBitsAByte() throws IOException {
    Random random = new Random(22);
    DataOutputSerializer out = new DataOutputSerializer(16);
    for (int i = 0; i < 20_000; i++) {
      long number = random.nextLong() >> random.nextInt(Long.SIZE);
      out.clear();
      Fields.writeLong(number, out);

      assertThat(out.getCopyOfBuffer()).as("%d", number).isEqualTo(plain(number));
      assertThat(Fields.readLong(new DataInputDeserializer(out.getCopyOfBuffer())))
          .isEqualTo(number);
    }
  }

  /** State of every release is written so. */
  private static byte[] plain(long number) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long rest = (number << 1) ^ (number >> 63);
    while ((rest & ~0x7FL) != 0) {
      bytes.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
    return bytes.toByteArray();
  }
}
