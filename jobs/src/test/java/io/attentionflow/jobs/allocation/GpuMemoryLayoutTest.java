package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.gpu.GpuMemory;
import io.attentionflow.allocation.gpu.GpuNode;
import io.attentionflow.allocation.gpu.GpuPopularity.Kind;
import io.attentionflow.allocation.gpu.GpuPopularity.Snapshot;
import io.attentionflow.allocation.gpu.GpuRequest;
import io.attentionflow.jobs.layout.LayoutSerializer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class GpuMemoryLayoutTest {

  private final LayoutSerializer<GpuMemory> serializer =
      new LayoutSerializer<>(GpuMemoryLayout.INSTANCE);

  @Test
  void readsWhatItWrote() throws IOException {
    Kind share = new Kind(new GpuRequest(4_000, 0, 0, 1, 500, List.of("T4", "V100")), 12.5);
    Kind whole = new Kind(new GpuRequest(64_000, 262_144, 0, 8, 1000, List.of()), 3);
    GpuMemory memory =
        new GpuMemory(
            4_711,
            new Snapshot(33_000, List.of(share, whole)),
            List.of(whole),
            Map.of("T4", 80.0, "", 2.0),
            new GpuNode(96_000, 393_216, 8, "G2"),
            List.of(0.0, 1.25));

    assertThat(throughBytes(memory)).isEqualTo(memory);
    assertThat(throughBytes(GpuMemory.none(7))).isEqualTo(GpuMemory.none(7));
  }

  private GpuMemory throughBytes(GpuMemory memory) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(memory, out);
    return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
  }
}
