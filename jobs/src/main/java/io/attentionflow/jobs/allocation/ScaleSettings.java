package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.features.ComplexityScale;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A {@link ComplexityScale} that can travel to where a function runs. */
record ScaleSettings(
    ArrayList<String> names, ArrayList<Duration> upperBounds, ComplexityScale.Measure measure)
    implements Serializable {

  static ScaleSettings of(ComplexityScale scale) {
    return new ScaleSettings(
        new ArrayList<>(scale.names()), new ArrayList<>(scale.upperBounds()), scale.measure());
  }

  ComplexityScale scale() {
    return new ComplexityScale(List.copyOf(names), List.copyOf(upperBounds), measure);
  }
}
