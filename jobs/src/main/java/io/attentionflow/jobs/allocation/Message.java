package io.attentionflow.jobs.allocation;

import java.time.Instant;

/** What came in through a topic, decoded and found good. */
interface Message {

  Origin origin();

  /** Its own time, which is its event time. */
  Instant at();
}
