package io.attentionflow.jobs.allocation;

import static io.attentionflow.jobs.layout.Fields.readInt;
import static io.attentionflow.jobs.layout.Fields.readLong;
import static io.attentionflow.jobs.layout.Fields.readText;
import static io.attentionflow.jobs.layout.Fields.readTexts;
import static io.attentionflow.jobs.layout.Fields.writeInt;
import static io.attentionflow.jobs.layout.Fields.writeLong;
import static io.attentionflow.jobs.layout.Fields.writeText;
import static io.attentionflow.jobs.layout.Fields.writeTexts;

import io.attentionflow.allocation.gpu.GpuMemory;
import io.attentionflow.allocation.gpu.GpuNode;
import io.attentionflow.allocation.gpu.GpuPopularity;
import io.attentionflow.allocation.gpu.GpuRequest;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code allocate} keeps what a pool learned about what is asked for. */
public enum GpuMemoryLayout implements Layout<GpuMemory> {
  INSTANCE;

  @Override
  public Class<GpuMemory> type() {
    return GpuMemory.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(GpuMemory memory, DataOutputView out) throws IOException {
    writeLong(memory.nextSequence(), out);
    writeLong(memory.popularity().learned(), out);
    writeKinds(memory.popularity().kinds(), out);
    writeKinds(memory.inUse(), out);
    writeInt(memory.gpusByModel().size(), out);
    for (Map.Entry<String, Double> gpus : memory.gpusByModel().entrySet()) {
      writeText(gpus.getKey(), out);
      out.writeDouble(gpus.getValue());
    }
    GpuNode largest = memory.largest();
    writeLong(largest.cpuMillis(), out);
    writeLong(largest.memoryMib(), out);
    writeInt(largest.gpuCount(), out);
    writeText(largest.model(), out);
    writeInt(memory.prices().size(), out);
    for (double price : memory.prices()) {
      out.writeDouble(price);
    }
  }

  @Override
  public GpuMemory read(int version, DataInputView in) throws IOException {
    long nextSequence = readLong(in);
    var popularity = new GpuPopularity.Snapshot(readLong(in), readKinds(in));
    List<GpuPopularity.Kind> inUse = readKinds(in);
    Map<String, Double> gpusByModel = new TreeMap<>();
    for (int i = readInt(in); i > 0; i--) {
      gpusByModel.put(readText(in), in.readDouble());
    }
    var largest = new GpuNode(readLong(in), readLong(in), readInt(in), readText(in));
    List<Double> prices = new ArrayList<>();
    for (int i = readInt(in); i > 0; i--) {
      prices.add(in.readDouble());
    }
    return new GpuMemory(nextSequence, popularity, inUse, gpusByModel, largest, prices);
  }

  private static void writeKinds(List<GpuPopularity.Kind> kinds, DataOutputView out)
      throws IOException {
    writeInt(kinds.size(), out);
    for (GpuPopularity.Kind kind : kinds) {
      GpuRequest request = kind.request();
      writeLong(request.cpuMillis(), out);
      writeLong(request.memoryMib(), out);
      writeLong(request.ioMibps(), out);
      writeInt(request.gpuCount(), out);
      writeInt(request.gpuMillis(), out);
      writeTexts(request.models(), out);
      out.writeDouble(kind.count());
    }
  }

  private static List<GpuPopularity.Kind> readKinds(DataInputView in) throws IOException {
    int size = readInt(in);
    List<GpuPopularity.Kind> kinds = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      var request =
          new GpuRequest(
              readLong(in), readLong(in), readLong(in), readInt(in), readInt(in), readTexts(in));
      kinds.add(new GpuPopularity.Kind(request, in.readDouble()));
    }
    return kinds;
  }
}
