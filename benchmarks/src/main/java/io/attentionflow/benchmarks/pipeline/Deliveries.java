package io.attentionflow.benchmarks.pipeline;

import io.attentionflow.jobs.allocation.PipelineOptions.Delivery.Guarantee;
import java.util.Locale;

/** Delivery guarantees by the names that the job's options have for them. */
final class Deliveries {

  private Deliveries() {}

  static String name(Guarantee guarantee) {
    return guarantee.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * @throws IllegalArgumentException if there is none of this name
   */
  static Guarantee of(String name) {
    for (Guarantee guarantee : Guarantee.values()) {
      if (name(guarantee).equals(name)) {
        return guarantee;
      }
    }
    throw new IllegalArgumentException("'%s' is no delivery guarantee".formatted(name));
  }
}
