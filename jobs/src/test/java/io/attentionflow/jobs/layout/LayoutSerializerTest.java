package io.attentionflow.jobs.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.junit.jupiter.api.Test;

class LayoutSerializerTest {

  /** Text, which in version 1 had a number before it. */
  private enum Note implements Layout<String> {
    INSTANCE;

    @Override
    public Class<String> type() {
      return String.class;
    }

    @Override
    public int version() {
      return 2;
    }

    @Override
    public void write(String value, DataOutputView out) throws IOException {
      Fields.writeText(value, out);
    }

    @Override
    public String read(int version, DataInputView in) throws IOException {
      if (version == 1) {
        Fields.readInt(in);
      }
      return Fields.readText(in);
    }
  }

  @Test
  void readsWhatItWrote() throws IOException {
    var serializer = new LayoutSerializer<>(Note.INSTANCE);
    DataOutputSerializer out = new DataOutputSerializer(16);

    serializer.serialize("größer als 127 \uD83D\uDE00", out);

    assertThat(serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer())))
        .isEqualTo("größer als 127 \uD83D\uDE00");
  }

  @Test
  void writesTheSameToAStreamAsToMemory() throws IOException {
    var serializer = new LayoutSerializer<>(Note.INSTANCE);
    DataOutputSerializer memory = new DataOutputSerializer(16);
    var stream = new ByteArrayOutputStream();
    DataOutputView view = new DataOutputViewStreamWrapper(stream);

    for (String text : List.of("first", "x".repeat(3_000_000), "", "last")) {
      serializer.serialize(text, memory);
      serializer.serialize(text, view);
    }

    assertThat(stream.toByteArray()).isEqualTo(memory.getCopyOfBuffer());
  }

  @Test
  void readsStateOfAnOlderVersionAndAsksForItsMigration() throws IOException {
    TypeSerializerSnapshot<String> ofVersion1 = snapshot(Note.INSTANCE, 1);
    DataOutputSerializer old = new DataOutputSerializer(16);
    Fields.writeInt(7, old);
    Fields.writeText("kept", old);

    TypeSerializer<String> reader = ofVersion1.restoreSerializer();

    assertThat(reader.deserialize(new DataInputDeserializer(old.getCopyOfBuffer())))
        .isEqualTo("kept");
    assertThat(
            new LayoutSerializer<>(Note.INSTANCE)
                .snapshotConfiguration()
                .resolveSchemaCompatibility(ofVersion1)
                .isCompatibleAfterMigration())
        .isTrue();
  }

  @Test
  void takesStateOfItsOwnVersionAsItIs() throws IOException {
    assertThat(
            new LayoutSerializer<>(Note.INSTANCE)
                .snapshotConfiguration()
                .resolveSchemaCompatibility(snapshot(Note.INSTANCE, 2))
                .isCompatibleAsIs())
        .isTrue();
  }

  @Test
  void refusesStateOfANewerVersionOrOfAnotherLayout() throws IOException {
    var today = new LayoutSerializer<>(Note.INSTANCE).snapshotConfiguration();

    assertThat(today.resolveSchemaCompatibility(snapshot(Note.INSTANCE, 3)).isIncompatible())
        .isTrue();
    assertThat(
            today
                .resolveSchemaCompatibility(
                    LayoutSerializerTest.<String>snapshot(LongLayout.INSTANCE, 1))
                .isIncompatible())
        .isTrue();
  }

  @Test
  void writesWholeNumbersOfAnySize() throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(16);
    long[] numbers = {0, -1, 63, 64, -65, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE};
    for (long number : numbers) {
      Fields.writeLong(number, out);
    }

    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    for (long number : numbers) {
      assertThat(Fields.readLong(in)).isEqualTo(number);
    }
  }

  private static <T> TypeSerializerSnapshot<T> snapshot(Layout<?> layout, int version)
      throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    out.writeUTF(layout.getClass().getName());
    out.writeInt(version);
    var snapshot = new LayoutSerializer.Snapshot<T>();
    snapshot.readSnapshot(
        1,
        new DataInputDeserializer(out.getCopyOfBuffer()),
        LayoutSerializerTest.class.getClassLoader());
    return snapshot;
  }
}
