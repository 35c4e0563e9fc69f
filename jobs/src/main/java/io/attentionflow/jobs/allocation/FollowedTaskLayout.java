package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.learning.features.OpenTask;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code profile} keeps a task until its end; what is learned from has its own version. */
public enum FollowedTaskLayout implements Layout<FollowedTask> {
  INSTANCE;

  @Override
  public Class<FollowedTask> type() {
    return FollowedTask.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(FollowedTask followed, DataOutputView out) throws IOException {
    followed.task().writeTo(out);
    Fields.writeText(followed.pool(), out);
    Fields.writeLong(followed.afterMillis(), out);
    Fields.writeInt(followed.sighting().generation(), out);
    SortedMap<Integer, String> nodes = followed.sighting().nodes();
    Fields.writeInt(nodes.size(), out);
    for (Map.Entry<Integer, String> node : nodes.entrySet()) {
      Fields.writeInt(node.getKey(), out);
      Fields.writeText(node.getValue(), out);
    }
  }

  @Override
  public FollowedTask read(int version, DataInputView in) throws IOException {
    return new FollowedTask(
        OpenTask.readFrom(in), Fields.readSharedText(in), Fields.readLong(in), readSighting(in));
  }

  private static Sighting readSighting(DataInputView in) throws IOException {
    int generation = Fields.readInt(in);
    SortedMap<Integer, String> nodes = new TreeMap<>();
    int size = Fields.readInt(in);
    for (int i = 0; i < size; i++) {
      int shard = Fields.readInt(in);
      nodes.put(shard, Fields.readSharedText(in));
    }
    return new Sighting(generation, nodes);
  }
}
