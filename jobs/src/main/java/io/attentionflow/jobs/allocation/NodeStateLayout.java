package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.NodeState;
import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code allocate} keeps a node. */
public enum NodeStateLayout implements Layout<NodeState> {
  INSTANCE;

  @Override
  public Class<NodeState> type() {
    return NodeState.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(NodeState node, DataOutputView out) throws IOException {
    Fields.writeText(node.nodeId(), out);
    EngineFields.writeResources(node.capacity(), out);
    EngineFields.writeResources(node.observedUsage(), out);
    Fields.writeOptionalText(node.gpuModel(), out);
    Fields.writeName(node.status(), out);
    Fields.writeInstant(node.heardAt(), out);
  }

  @Override
  public NodeState read(int version, DataInputView in) throws IOException {
    return new NodeState(
        Fields.readText(in),
        EngineFields.readResources(in),
        EngineFields.readResources(in),
        Fields.readOptionalText(in),
        Fields.readName(NodeState.Status.class, in),
        Fields.readInstant(in));
  }
}
