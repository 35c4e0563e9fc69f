package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.PolicyUpdate;
import io.attentionflow.schema.wire.Decoded;
import java.util.TreeMap;

/**
 * Of changed policies. Of which pool is left open: it may have its policy before its first node.
 *
 * <p>Settings are no more than there are keys, for others are refused, and of whom and why it tells
 * for people ({@code author} and {@code note}) is not read at all.
 */
record PolicyUpdateCheck(PipelineOptions.Input bounds, PipelineOptions.Time time)
    implements Check<PolicyUpdate, PolicyMessage> {

  @Override
  public Decoded<PolicyMessage> check(PolicyUpdate update, Origin origin) {
    Inspection inspection = new Inspection(bounds, time, origin);
    if (!update.getPool().equals(PolicyMessage.EVERY_POOL)) {
      inspection.pool(update.getPool());
    }
    inspection.eventTime("updatedAt", update.getUpdatedAt());
    if (update.getVersion() < 1) {
      inspection.flaw(
          DeadLetterReason.INVALID_POLICY,
          "version is %d; an update has at least 1".formatted(update.getVersion()));
    }
    inspection.amount("version", update.getVersion(), Inspection.MOST_COUNTED);
    String shadow = update.getShadow();
    if (shadow != null) {
      inspection.text("shadow", shadow);
    }
    if (shadow == null ? update.getEnded() : shadow.isEmpty()) {
      inspection.flaw(
          DeadLetterReason.INVALID_POLICY,
          shadow == null ? "only a shadow ends" : "the shadow has no name");
    }
    update.getSettings().forEach((key, value) -> inspection.text("settings." + key, value));
    try {
      PolicySettings.parse(update.getSettings(), PoolPolicy.defaults());
    } catch (InvalidOptionException e) {
      inspection.flaw(DeadLetterReason.INVALID_POLICY, String.valueOf(e.getMessage()));
    }
    return inspection.orElse(
        () ->
            new PolicyMessage(
                origin,
                update.getPool(),
                update.getVersion(),
                new TreeMap<>(update.getSettings()),
                update.getProposal(),
                update.getShadow(),
                update.getEnded(),
                update.getUpdatedAt()));
  }
}
