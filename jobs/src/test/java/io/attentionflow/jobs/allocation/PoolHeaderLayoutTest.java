package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.MovesTurn;
import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.PreemptionPace;
import io.attentionflow.allocation.StartPace;
import io.attentionflow.jobs.layout.Fields;
import java.io.IOException;
import java.time.Instant;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class PoolHeaderLayoutTest {

  private static final Instant NOON = Samples.NOON;
  private static final PreemptionPace PREEMPTIONS =
      new PreemptionPace(NOON, 3, NOON.plusSeconds(1));
  private static final StartPace STARTS = new StartPace(70, NOON, 12.5);
  private static final MovesTurn TURN = new MovesTurn("node-7", 4);

  @Test
  void readsWhatItWrote() throws IOException {
    PoolHeader header = header(STARTS, PREEMPTIONS, NOON, TURN);

    assertThat(read(4, written(header))).isEqualTo(header);
  }

  @Test
  void beginsWithTheFirstNodeWhereNobodyHadWrittenWhoseTurnItIs() throws IOException {
    byte[] today = written(header(STARTS, PREEMPTIONS, NOON, TURN));

    assertThat(read(3, today, lengthOfTurn()))
        .isEqualTo(header(STARTS, PREEMPTIONS, NOON, MovesTurn.FIRST));
  }

  @Test
  void hasStoppedAndMovedNobodyWhereNothingOfThatWasWritten() throws IOException {
    byte[] today = written(header(STARTS, PREEMPTIONS, NOON, TURN));

    assertThat(read(2, today, lengthOfTurn() + lengthOfPreemptions()))
        .isEqualTo(header(STARTS, PreemptionPace.NONE, Instant.EPOCH, MovesTurn.FIRST));
  }

  private static PoolHeader header(
      StartPace starts, PreemptionPace preemptions, Instant movesLookedAt, MovesTurn turn) {
    return new PoolHeader(
        PoolPolicy.defaults(),
        NOON,
        42,
        "node-9",
        NOON.plusSeconds(5),
        0.75,
        starts,
        preemptions,
        movesLookedAt,
        turn);
  }

  private static int lengthOfTurn() throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(16);
    Fields.writeText(TURN.nodeId(), out);
    Fields.writeInt(TURN.tasks(), out);
    return out.length();
  }

  /** And of when moves were last looked at. */
  private static int lengthOfPreemptions() throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    Fields.writeInstant(PREEMPTIONS.minute(), out);
    Fields.writeInt(PREEMPTIONS.stopped(), out);
    Fields.writeInstant(PREEMPTIONS.notBefore(), out);
    Fields.writeInstant(NOON, out);
    return out.length();
  }

  private static byte[] written(PoolHeader header) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(512);
    PoolHeaderLayout.INSTANCE.write(header, out);
    return out.getCopyOfBuffer();
  }

  private static PoolHeader read(int version, byte[] bytes) throws IOException {
    return read(version, bytes, 0);
  }

  /** All but so many bytes at the end. */
  private static PoolHeader read(int version, byte[] bytes, int without) throws IOException {
    DataInputDeserializer in = new DataInputDeserializer(bytes, 0, bytes.length - without);
    PoolHeader header = PoolHeaderLayout.INSTANCE.read(version, in);
    assertThat(in.available()).isZero();
    return header;
  }
}
