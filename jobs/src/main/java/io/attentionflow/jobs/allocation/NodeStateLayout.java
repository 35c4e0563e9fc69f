package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.NodeState;
import io.attentionflow.allocation.Resources;
import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import java.time.Instant;
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
    return 2;
  }

  @Override
  public void write(NodeState node, DataOutputView out) throws IOException {
    Fields.writeText(node.nodeId(), out);
    EngineFields.writeResources(node.capacity(), out);
    EngineFields.writeResources(node.observedUsage(), out);
    Fields.writeOptionalText(node.gpuModel(), out);
    Fields.writeName(node.status(), out);
    Fields.writeInstant(node.heardAt(), out);
    Fields.writeOptionalInstant(node.unsettledSince(), out);
  }

  @Override
  public NodeState read(int version, DataInputView in) throws IOException {
    String nodeId = Fields.readText(in);
    Resources capacity = EngineFields.readResources(in);
    Resources usage = EngineFields.readResources(in);
    String gpuModel = Fields.readOptionalText(in);
    NodeState.Status status = Fields.readName(NodeState.Status.class, in);
    Instant heardAt = Fields.readInstant(in);
    Instant unsettledSince =
        version > 1
            ? Fields.readOptionalInstant(in)
            : status == NodeState.Status.DRAINING ? heardAt : null;
    return new NodeState(nodeId, capacity, usage, gpuModel, status, heardAt, unsettledSince);
  }
}
