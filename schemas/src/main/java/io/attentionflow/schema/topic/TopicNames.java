package io.attentionflow.schema.topic;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the topics are called in one installation: a prefix, so that several share a cluster.
 *
 * @param prefix put before every name as it is, such as {@code staging.}; empty: none; letters,
 *     digits, '.', '_' and '-', at most 200
 */
public record TopicNames(String prefix) {

  /** Kafka takes 249 characters; the longest of ours has fewer than 49. */
  private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]{0,200}");

  /** No prefix: the names of the catalogue. */
  public static final TopicNames PLAIN = new TopicNames("");

  /**
   * @throws IllegalArgumentException if Kafka would not take it
   */
  public TopicNames {
    if (!LEGAL.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "topic prefix '%s': letters, digits, '.', '_' and '-' only, at most 200"
              .formatted(prefix));
    }
  }

  /** What this topic is called here. */
  public String of(Topic topic) {
    return prefix + topic.baseName();
  }

  /** The topic that is called so here; empty if it is none of ours. */
  public Optional<Topic> find(String name) {
    for (Topic topic : Topic.values()) {
      if (name.equals(of(topic))) {
        return Optional.of(topic);
      }
    }
    return Optional.empty();
  }
}
