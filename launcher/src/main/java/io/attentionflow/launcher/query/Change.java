package io.attentionflow.launcher.query;

import io.attentionflow.schema.topic.Topic;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Something that became known about a task, or a record that could not be used.
 *
 * @param topic which of the catalogue
 * @param writtenAt the broker's time
 * @param taskId empty: a dead letter, which is of no task
 * @param record null: a tombstone
 */
record Change(
    Topic topic,
    int partition,
    long offset,
    Instant writtenAt,
    String taskId,
    @Nullable SpecificRecord record) {}
