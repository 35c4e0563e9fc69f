package io.attentionflow.jobs.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.junit.jupiter.api.Test;

class PackingTest {

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

  private final Packing<String> packing = new Packing<>(Note.INSTANCE);

  @Test
  void keepsEachValueApart() {
    byte[] first = packing.pack("first");
    byte[] second = packing.pack("x".repeat(5_000));

    assertThat(packing.unpack(first)).isEqualTo("first");
    assertThat(packing.unpack(second)).hasSize(5_000);
    assertThat(packing.unpack(first)).isEqualTo("first");
  }

  @Test
  void readsWhatAnOlderReleasePacked() {
    byte[] ofVersion1 = {1, 14, 4, 'o', 'k'};

    assertThat(packing.unpack(ofVersion1)).isEqualTo("ok");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> packing.unpack(new byte[] {3, 4, 'o', 'k'}))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("version 3; this release reads up to 2");
    assertThatThrownBy(() -> packing.unpack(new byte[0])).isInstanceOf(IllegalStateException.class);
  }
}
