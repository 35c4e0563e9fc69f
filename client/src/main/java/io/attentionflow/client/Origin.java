package io.attentionflow.client;

import io.attentionflow.schema.topic.Topic;
import java.time.Instant;

/**
 * Which record on Kafka something is known from.
 *
 * @param writtenAt the broker's time
 */
public record Origin(Topic topic, int partition, long offset, Instant writtenAt) {}
