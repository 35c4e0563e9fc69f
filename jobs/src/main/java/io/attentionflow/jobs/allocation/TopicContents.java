package io.attentionflow.jobs.allocation;

import java.io.Serializable;
import java.util.function.Consumer;

/**
 * What a topic holds at the moment, for functions that must know it before their first event: a
 * source brings it as well, but side by side with those of other topics.
 */
@FunctionalInterface
public interface TopicContents extends Serializable {

  /** Nothing. */
  TopicContents NONE = each -> {};

  /** Reads it from its beginning to the end that it has now, in order within a partition. */
  void forEach(Consumer<RawRecord> each);
}
