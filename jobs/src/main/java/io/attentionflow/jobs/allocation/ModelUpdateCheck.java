package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.wire.Decoded;
import java.nio.ByteBuffer;

/**
 * Of published models. Whether a snapshot can be restored shows in {@code classify}.
 *
 * <p>What the job publishes comes back this way, so that the bounds of texts are not those that an
 * operator may set for others. What a model was configured with ({@code parameters}) is for people,
 * and is not read.
 */
record ModelUpdateCheck(PipelineOptions.Input bounds, PipelineOptions.Time time)
    implements Check<ModelUpdate, ModelMessage> {

  private static final int LONGEST_TEXT = 1024;

  @Override
  public Decoded<ModelMessage> check(ModelUpdate update, Origin origin) {
    Inspection inspection = new Inspection(bounds, time, origin);
    inspection.id("model", update.getModel(), LONGEST_TEXT);
    inspection.eventTime("publishedAt", update.getPublishedAt());
    if (update.getVersion() < 1) {
      inspection.flaw(DeadLetterReason.MISSING_ID, "version is %d".formatted(update.getVersion()));
    }
    if (update.getMember() < 0 || update.getMember() >= update.getMembers()) {
      inspection.flaw(
          DeadLetterReason.MISSING_ID,
          "member is %d of %d".formatted(update.getMember(), update.getMembers()));
    }
    inspection.amount("version", update.getVersion(), Inspection.MOST_COUNTED);
    inspection.amount("examples", update.getExamples(), Inspection.MOST_COUNTED);
    inspection.text("featureSchema", update.getFeatureSchema(), LONGEST_TEXT);
    inspection.texts("classes", update.getClasses(), ComplexityScale.MOST_CLASSES, LONGEST_TEXT);
    return inspection.orElse(
        () ->
            new ModelMessage(
                origin,
                update.getModel(),
                update.getMember(),
                update.getMembers(),
                update.getVersion(),
                update.getExamples(),
                update.getFeatureSchema(),
                update.getClasses(),
                drift(update.getDrift()),
                bytes(update.getSnapshot()),
                update.getPublishedAt()));
  }

  /** A level; what is none counts as none. */
  private static double drift(double level) {
    return level > 0 ? Math.min(1, level) : 0;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
