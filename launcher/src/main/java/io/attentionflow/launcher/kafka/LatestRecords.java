package io.attentionflow.launcher.kafka;

import io.attentionflow.launcher.Failure;
import io.attentionflow.schema.topic.Topic;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;

/** The newest record of each key of a compacted topic, as it is committed now. */
public final class LatestRecords {

  private LatestRecords() {}

  /**
   * Reads a topic from its beginning to where it ends now.
   *
   * @param type the record of the topic
   * @param timeout how long that may take
   * @return by key; records that cannot be decoded are left out
   * @throws Failure if there is no such topic, or the time is over first
   * @throws KafkaException if it cannot be read
   */
  public static <T extends SpecificRecord> SortedMap<String, T> read(
      KafkaOptions kafka, Topic topic, Class<T> type, Duration timeout) {
    SortedMap<String, T> latest = new TreeMap<>();
    CommittedRecords.read(
        kafka,
        topic,
        type,
        timeout,
        (key, record) -> {
          if (record == null) {
            latest.remove(key);
          } else {
            latest.put(key, record);
          }
        });
    return latest;
  }
}
