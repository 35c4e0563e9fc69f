package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.Resources;
import java.time.Instant;

/**
 * A pool has taken in a task, or is done with it: each told once.
 *
 * @param complexity the class that was predicted when the task came
 * @param arrived true: it came; false: it is over, however it ended
 * @param request what it asks for
 */
public record DemandMessage(
    String pool, String complexity, boolean arrived, Resources request, Instant at) {

  /** Key of its topic. */
  String key() {
    return pool + "/" + complexity;
  }
}
