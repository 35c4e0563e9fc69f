package io.attentionflow.simulation.trace;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.util.List;

/**
 * Rows with a class each, in order: something to learn from and nothing to allocate.
 *
 * @param description where they are from, in a line
 * @param schema what stands where in a row
 * @param classes names of the classes
 * @param rows the features
 * @param labels the class of each row, an index into {@code classes}; as many as rows; not copied
 * @param lines what became of the lines of the file
 */
@SuppressWarnings("ArrayRecordComponent") // millions of them
public record LabelledRows(
    String description,
    FeatureSchema schema,
    List<String> classes,
    List<FeatureVector> rows,
    int[] labels,
    LineCount lines) {

  public LabelledRows {
    classes = List.copyOf(classes);
    if (rows.size() != labels.length) {
      throw new IllegalArgumentException(
          "%d rows, %d labels".formatted(rows.size(), labels.length));
    }
  }
}
