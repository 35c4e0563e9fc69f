package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.demand.DemandWindow;
import io.attentionflow.allocation.demand.RollingDemand;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RollingDemand} in state: bytes until somebody asks for it, since only the function knows
 * the window that it is to be read for.
 */
public final class KeptDemand {

  private byte @Nullable [] bytes;
  private @Nullable RollingDemand demand;

  private KeptDemand(byte @Nullable [] bytes, @Nullable RollingDemand demand) {
    this.bytes = bytes;
    this.demand = demand;
  }

  static KeptDemand begin(DemandWindow window) {
    return new KeptDemand(null, new RollingDemand(window));
  }

  /** As {@link #toBytes} gave it. */
  static KeptDemand of(byte[] bytes) {
    return new KeptDemand(bytes, null);
  }

  /** To be changed in place, and put back into state afterwards. */
  RollingDemand demand(DemandWindow window) {
    if (demand != null) {
      return demand;
    }
    if (bytes == null) {
      throw new IllegalStateException("Neither bytes nor demand");
    }
    try {
      RollingDemand read = RollingDemand.readFrom(new DataInputDeserializer(bytes), window);
      demand = read;
      bytes = null;
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException("Demand in state cannot be read", e);
    }
  }

  byte[] toBytes() throws IOException {
    if (demand == null && bytes != null) {
      return bytes;
    }
    if (demand == null) {
      throw new IllegalStateException("Neither bytes nor demand");
    }
    DataOutputSerializer out = new DataOutputSerializer(1024);
    demand.writeTo(out);
    return out.getCopyOfBuffer();
  }
}
