package io.attentionflow.serving;

import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.OpenTask;
import io.attentionflow.learning.features.OpenTasks;
import io.attentionflow.learning.features.TaskFacts;
import io.attentionflow.learning.features.TenantHistory;
import io.attentionflow.learning.features.TenantProfiler;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.ml.servable.api.DataFrame;
import org.apache.flink.ml.servable.api.Row;
import org.apache.flink.ml.servable.types.DataTypes;
import org.jspecify.annotations.Nullable;

/** Tasks as a {@link ClassifierServable} takes them: a row each, one column. */
public final class TaskFrame {

  private TaskFrame() {}

  /**
   * Of features that were made elsewhere, such as by a {@link TenantProfiler} that follows a
   * tenant.
   *
   * @param features a row each; copied
   */
  public static DataFrame ofFeatures(List<FeatureVector> features) {
    List<Row> rows = new ArrayList<>(features.size());
    for (FeatureVector vector : features) {
      // The row grows by the columns that are added to it.
      rows.add(new Row(new ArrayList<>(List.of(bytes(vector)))));
    }
    return new DataFrame(
        new ArrayList<>(List.of(ClassifierServable.FEATURES)),
        new ArrayList<>(List.of(DataTypes.BYTE_STRING)),
        rows);
  }

  /**
   * Of tasks whose tenants nothing is known of: what they ask for is all there is to go by.
   *
   * @param tasks a row each; not kept
   */
  public static DataFrame ofTasks(List<TaskFacts> tasks) {
    ComplexityScale scale = ComplexityScale.DEFAULT;
    return ofFeatures(
        tasks.stream()
            .map(
                task ->
                    new TenantProfiler(scale, new TenantHistory(scale.classes()), new Forgetful())
                        .submitted(task)
                        .features())
            .toList());
  }

  /** Keeps nothing: no task is heard of again. */
  private static final class Forgetful implements OpenTasks {
    @Override
    public @Nullable OpenTask get(String taskId) {
      return null;
    }

    @Override
    public void put(OpenTask task) {}

    @Override
    public void remove(String taskId) {}
  }

  private static byte[] bytes(FeatureVector vector) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      vector.writeTo(out);
    } catch (IOException impossible) {
      throw new UncheckedIOException("Writing to memory failed", impossible);
    }
    return bytes.toByteArray();
  }
}
