package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.MovesTurn;
import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.PreemptionPace;
import io.attentionflow.allocation.StartPace;
import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import java.time.Instant;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code allocate} keeps what a pool remembers besides nodes and tasks. */
public enum PoolHeaderLayout implements Layout<PoolHeader> {
  INSTANCE;

  @Override
  public Class<PoolHeader> type() {
    return PoolHeader.class;
  }

  @Override
  public int version() {
    return 4;
  }

  @Override
  public void write(PoolHeader header, DataOutputView out) throws IOException {
    EngineFields.writePolicy(header.policy(), out);
    Fields.writeInstant(header.now(), out);
    Fields.writeLong(header.nextSequence(), out);
    Fields.writeOptionalText(header.lastNodeId(), out);
    Fields.writeOptionalInstant(header.wakeAt(), out);
    out.writeDouble(header.temperature());
    Fields.writeLong(header.pace().starts(), out);
    Fields.writeOptionalInstant(header.pace().lastAt(), out);
    out.writeDouble(header.pace().gapMillis());
    Fields.writeInstant(header.preemptions().minute(), out);
    Fields.writeInt(header.preemptions().stopped(), out);
    Fields.writeInstant(header.preemptions().notBefore(), out);
    Fields.writeInstant(header.movesLookedAt(), out);
    Fields.writeText(header.movesTurn().nodeId(), out);
    Fields.writeInt(header.movesTurn().tasks(), out);
  }

  @Override
  public PoolHeader read(int version, DataInputView in) throws IOException {
    PoolPolicy policy = EngineFields.readPolicy(in);
    return new PoolHeader(
        policy,
        Fields.readInstant(in),
        Fields.readLong(in),
        Fields.readOptionalText(in),
        Fields.readOptionalInstant(in),
        version < 2 ? PoolHeader.of(policy).temperature() : in.readDouble(),
        version < 2 ? StartPace.NONE : readPace(in),
        version < 3 ? PreemptionPace.NONE : readPreemptions(in),
        version < 3 ? Instant.EPOCH : Fields.readInstant(in),
        version < 4 ? MovesTurn.FIRST : new MovesTurn(Fields.readText(in), Fields.readInt(in)));
  }

  private static PreemptionPace readPreemptions(DataInputView in) throws IOException {
    return new PreemptionPace(Fields.readInstant(in), Fields.readInt(in), Fields.readInstant(in));
  }

  private static StartPace readPace(DataInputView in) throws IOException {
    return new StartPace(Fields.readLong(in), Fields.readOptionalInstant(in), in.readDouble());
  }
}
