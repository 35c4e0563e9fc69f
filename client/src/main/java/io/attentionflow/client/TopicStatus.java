package io.attentionflow.client;

import io.attentionflow.schema.topic.Topic;
import java.util.List;

/**
 * How one topic stands to the layout that is wanted.
 *
 * @param topic which of the catalogue
 * @param name what it is called on this cluster
 * @param state what was found or done
 * @param partitions how many it has, or is to get
 * @param differences what is not as wanted, one line each, for people; empty unless DIFFERS
 */
public record TopicStatus(
    Topic topic, String name, State state, int partitions, List<String> differences) {

  public TopicStatus {
    differences = List.copyOf(differences);
  }

  /** What was found or done. */
  public enum State {
    /** It is not there. */
    MISSING,
    /** It was not there, and is now. */
    CREATED,
    /** It is there and as wanted. */
    AS_WANTED,
    /** It is there and otherwise; it stays so, since a change can cost order or records. */
    DIFFERS
  }
}
