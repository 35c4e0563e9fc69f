package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Where a message was read: so that a dead letter can name it however far it came.
 *
 * @param brokerTimeMillis the broker's time of the record
 */
public record Origin(String topic, int partition, long offset, long brokerTimeMillis) {

  void writeTo(DataOutputView out) throws IOException {
    Fields.writeText(topic, out);
    Fields.writeInt(partition, out);
    Fields.writeLong(offset, out);
    Fields.writeLong(brokerTimeMillis, out);
  }

  static Origin readFrom(DataInputView in) throws IOException {
    return new Origin(
        Fields.readSharedText(in), Fields.readInt(in), Fields.readLong(in), Fields.readLong(in));
  }
}
