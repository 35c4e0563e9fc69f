package io.attentionflow.client;

import org.jspecify.annotations.Nullable;

/**
 * An answer, and how far it can be trusted to be of now.
 *
 * @param value what is known; null: nothing
 * @param position the newest record that it rests on; null: none
 * @param lagRecords how many records are written, on all followed topics, and not yet read
 */
public record Answer<T>(@Nullable T value, @Nullable Position position, long lagRecords) {

  /**
   * A record on Kafka.
   *
   * @param topic its name in the catalogue, without prefix
   * @param ageMillis time since the broker took it
   */
  public record Position(String topic, int partition, long offset, long ageMillis) {}
}
