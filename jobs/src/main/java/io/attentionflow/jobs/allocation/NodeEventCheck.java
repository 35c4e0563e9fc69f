package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.wire.Decoded;
import java.time.Instant;

/** Of what nodes say about themselves. */
record NodeEventCheck(PipelineOptions.Input bounds, PipelineOptions.Time time)
    implements Check<NodeEvent, PoolMessage> {

  @Override
  public Decoded<PoolMessage> check(NodeEvent event, Origin origin) {
    Inspection inspection = new Inspection(bounds, time, origin);
    inspection.nodeId("nodeId", event.getNodeId());
    inspection.pool(event.getPool());
    inspection.known("kind", event.getKind());
    inspection.eventTime("observedAt", event.getObservedAt());
    inspection.resources("capacity", event.getCapacity());
    inspection.usage("usage", event.getUsage());
    String gpuModel = event.getGpuModel();
    if (gpuModel != null) {
      inspection.text("gpuModel", gpuModel);
    }
    inspection.texts("labels", event.getLabels());
    return inspection.orElse(() -> new PoolMessage(origin, event.getPool(), event(event)));
  }

  private static PoolEvent event(NodeEvent event) {
    String nodeId = event.getNodeId();
    Instant at = event.getObservedAt();
    return switch (event.getKind()) {
      case JOINED ->
          new PoolEvent.NodeJoined(
              nodeId, Inspection.engineResources(event.getCapacity()), event.getGpuModel(), at);
      case HEARTBEAT ->
          new PoolEvent.NodeHeartbeat(
              nodeId,
              Inspection.engineResources(event.getCapacity()),
              Inspection.engineUsage(event.getUsage()),
              event.getGpuModel(),
              at);
      case DRAINING -> new PoolEvent.NodeDraining(nodeId, at);
      case LEFT -> new PoolEvent.NodeLeft(nodeId, at);
      case UNKNOWN -> throw new IllegalStateException("Kind was not checked");
    };
  }
}
