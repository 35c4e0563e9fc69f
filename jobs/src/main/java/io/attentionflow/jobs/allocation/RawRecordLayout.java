package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a {@link RawRecord} goes from a source that is not chained to its decoder. */
public enum RawRecordLayout implements Layout<RawRecord> {
  INSTANCE;

  @Override
  public Class<RawRecord> type() {
    return RawRecord.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(RawRecord record, DataOutputView out) throws IOException {
    record.origin().writeTo(out);
    Fields.writeOptionalBytes(record.key(), out);
    Fields.writeOptionalBytes(record.value(), out);
  }

  @Override
  public RawRecord read(int version, DataInputView in) throws IOException {
    Origin origin = Origin.readFrom(in);
    return new RawRecord(
        origin.topic(),
        origin.partition(),
        origin.offset(),
        origin.brokerTimeMillis(),
        Fields.readOptionalBytes(in),
        Fields.readOptionalBytes(in));
  }
}
