package io.attentionflow.schema.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.PolicyUpdate;
import io.attentionflow.schema.Qos;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskEventKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCodecTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final RecordCodec<TaskEvent> codec = RecordCodec.of(TaskEvent.class);

  @Test
  void decodesWhatItEncoded() {
    assertThat(codec.decode(codec.encode(task("t1"))).orElseThrow()).isEqualTo(task("t1"));
  }

  @Test
  void keepsTextBeyondAscii() {
    for (String id : List.of("", "é", "任务-1", "\uD83D\uDE80", "\uFFFD", "x".repeat(100_000))) {
      assertThat(codec.decode(codec.encode(task(id))).orElseThrow().getTaskId()).isEqualTo(id);
    }
  }

  @Test
  void beginsWithTheMarkerAndTheFingerprintOfTheSchema() {
    byte[] fingerprint =
        little(SchemaNormalization.parsingFingerprint64(TaskEvent.getClassSchema()));

    byte[] message = codec.encode(task("t1"));

    assertThat(Arrays.copyOf(message, 2)).containsExactly(0xC3, 0x01);
    assertThat(Arrays.copyOfRange(message, 2, 10)).isEqualTo(fingerprint);
  }

  @Test
  void isUnharmedByABadMessageBefore() {
    byte[] good = codec.encode(task("t1"));
    assertThat(reason(Arrays.copyOf(good, good.length - 1)))
        .isEqualTo(DeadLetterReason.UNDECODABLE);

    assertThat(codec.decode(good).orElseThrow()).isEqualTo(task("t1"));
  }

  @Test
  void refusesToEncodeARecordThatIsNotWhole() {
    TaskEvent incomplete = new TaskEvent();

    assertThatThrownBy(() -> codec.encode(incomplete)).isInstanceOf(NullPointerException.class);
    assertThat(codec.decode(codec.encode(task("t1"))).orElseThrow()).isEqualTo(task("t1"));
  }

  @Test
  void saysThatNothingIsNoRecord() {
    assertThat(reason(null)).isEqualTo(DeadLetterReason.EMPTY);
    assertThat(reason(new byte[0])).isEqualTo(DeadLetterReason.EMPTY);
  }

  @Test
  void saysThatOtherEncodingsAreNotSingleObjects() {
    byte[] headerOnlyInPart = Arrays.copyOf(codec.encode(task("t1")), 9);

    assertThat(reason("{\"taskId\": \"t1\"}".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(DeadLetterReason.NOT_SINGLE_OBJECT);
    assertThat(reason(headerOnlyInPart)).isEqualTo(DeadLetterReason.NOT_SINGLE_OBJECT);
    assertThat(reason(new byte[] {0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7}))
        .isEqualTo(DeadLetterReason.NOT_SINGLE_OBJECT);
  }

  @Test
  void saysThatTheSchemaIsUnknown() {
    byte[] message = codec.encode(task("t1"));
    message[5] ^= 1;

    assertThat(reason(message)).isEqualTo(DeadLetterReason.UNKNOWN_SCHEMA);
  }

  @Test
  void saysThatItIsAnotherRecord() {
    PolicyUpdate other =
        PolicyUpdate.newBuilder().setPool("*").setVersion(1).setUpdatedAt(NOON).build();

    assertThat(reason(RecordCodec.of(PolicyUpdate.class).encode(other)))
        .isEqualTo(DeadLetterReason.WRONG_RECORD);
  }

  @Test
  void refusesBytesAfterTheEnd() {
    byte[] message = codec.encode(task("t1"));

    assertThat(reason(Arrays.copyOf(message, message.length + 1)))
        .isEqualTo(DeadLetterReason.UNDECODABLE);
  }

  /** Bodies that begin with the length of the task id, then have no room for it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "feffffff0f", // 2^31 - 1
        "ffffffff0f", // -2^31
        "01", // -1
        "feffffffffffffffff01", // 2^63 - 1
        "ffffffffffffffffff01", // -2^63
        "ffffffffffffffffffff01", // eleven bytes
        "02ff", // not UTF-8
      })
  void refusesAnAbsurdLengthWithoutAllocatingIt(String body) {
    byte[] message = withBody(HexFormat.of().parseHex(body));
    codec.decode(message);

    long before = allocatedBytes();
    codec.decode(message);
    long allocated = allocatedBytes() - before;

    assertThat(reason(message)).isEqualTo(DeadLetterReason.UNDECODABLE);
    assertThat(allocated).isLessThan(1_000_000);
  }

  /** The last two fields of a task are an array and a map, both empty here: two zero bytes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "feffffff0f", // 2^31 - 1 items
        "feffffffffffffffff01", // 2^63 - 1 items
        "ffffffffffffffffff01", // -2^63 items
        "01feffffff0f", // one item of 2^31 - 1 bytes
        "0101", // one item of -1 bytes
      })
  void refusesAnAbsurdNumberOfItemsWithoutAllocatingThem(String block) {
    byte[] good = codec.encode(task("t1"));
    for (int zeros : List.of(1, 2)) {
      byte[] start = Arrays.copyOf(good, good.length - zeros);
      byte[] end = HexFormat.of().parseHex(block);
      byte[] message = Arrays.copyOf(start, start.length + end.length);
      System.arraycopy(end, 0, message, start.length, end.length);
      codec.decode(message);

      long before = allocatedBytes();
      codec.decode(message);
      long allocated = allocatedBytes() - before;

      assertThat(reason(message)).isEqualTo(DeadLetterReason.UNDECODABLE);
      assertThat(allocated).isLessThan(1_000_000);
    }
  }

  @Test
  void refusesAnEnumSymbolThatItsOwnSchemaDoesNotHave() {
    byte[] message =
        codec.encode(
            TaskEvent.newBuilder(task("")).setPool("").setTenant("").setTaskType("").build());
    int kind = 10 + 4;
    assertThat(message[kind]).as("SUBMIT, the symbol at 1").isEqualTo((byte) 2);

    for (int index : new int[] {-1, 3, 60}) {
      message[kind] = (byte) ((index << 1) ^ (index >> 31));
      assertThat(reason(message)).isEqualTo(DeadLetterReason.UNDECODABLE);
    }
  }

  @Test
  void decodesAnOlderVersionIntoTodaysClass() throws IOException {
    Schema older =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "TaskEvent", "namespace": "io.attentionflow.schema",
                 "fields": [
                   {"name": "submittedAt", "type": {"type": "long", "logicalType": "timestamp-millis"}},
                   {"name": "colour", "type": {"type": "array", "items": "string"}},
                   {"name": "taskId", "type": "string"},
                   {"name": "pool", "type": "string"},
                   {"name": "tenant", "type": "string"},
                   {"name": "taskType", "type": "string"},
                   {"name": "priority", "type": "int"},
                   {"name": "qos", "type":
                     {"type": "enum", "name": "Qos", "symbols": ["BURSTABLE", "GUARANTEED", "FORGOTTEN"]}}
                 ]}
                """);
    GenericRecord record =
        new GenericRecordBuilder(older)
            .set("submittedAt", NOON.toEpochMilli())
            .set("colour", List.of("red", "green"))
            .set("taskId", "t1")
            .set("pool", "p")
            .set("tenant", "ann")
            .set("taskType", "train")
            .set("priority", 7)
            .set("qos", new GenericData.EnumSymbol(older.getField("qos").schema(), "GUARANTEED"))
            .build();
    byte[] message = encode(older, record);
    RecordCodec<TaskEvent> knows =
        RecordCodec.of(TaskEvent.class, SchemaStore.standard().with(older));

    TaskEvent decoded = knows.decode(message).orElseThrow();

    assertThat(reason(message)).isEqualTo(DeadLetterReason.UNKNOWN_SCHEMA);
    assertThat(decoded.getSubmittedAt()).isEqualTo(NOON);
    assertThat(decoded.getTaskId()).isEqualTo("t1");
    assertThat(decoded.getPriority()).isEqualTo(7);
    assertThat(decoded.getQos()).isEqualTo(Qos.GUARANTEED);
    assertThat(decoded.getKind()).isEqualTo(TaskEventKind.SUBMIT);
    assertThat(decoded.getMaxShards()).isEqualTo(1);
    assertThat(decoded.getAttributes()).isEmpty();
    assertThat(decoded.getRequest()).isEqualTo(new Resources(0L, 0L, 0, 0L, 0L));

    record.put("qos", new GenericData.EnumSymbol(older.getField("qos").schema(), "FORGOTTEN"));
    assertThat(knows.decode(encode(older, record)).orElseThrow().getQos()).isEqualTo(Qos.UNKNOWN);
  }

  @Test
  void givesEachDecodedRecordItsOwnDefaults() throws IOException {
    Schema older =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "PolicyUpdate", "namespace": "io.attentionflow.schema",
                 "fields": [
                   {"name": "pool", "type": "string"},
                   {"name": "version", "type": "long"},
                   {"name": "updatedAt", "type": {"type": "long", "logicalType": "timestamp-millis"}}
                 ]}
                """);
    byte[] message =
        encode(
            older,
            new GenericRecordBuilder(older)
                .set("pool", "*")
                .set("version", 1L)
                .set("updatedAt", 0L)
                .build());
    var knows = RecordCodec.of(PolicyUpdate.class, SchemaStore.of(List.of(older)));

    knows.decode(message).orElseThrow().getSettings().put("ordering", "FCFS");

    assertThat(knows.decode(message).orElseThrow().getSettings()).isEmpty();
  }

  private DeadLetterReason reason(byte @Nullable [] message) {
    Decoded<TaskEvent> decoded = codec.decode(message);
    assertThat(decoded).isInstanceOf(Decoded.Failure.class);
    assertThat(((Decoded.Failure<TaskEvent>) decoded).detail()).isNotBlank();
    return ((Decoded.Failure<TaskEvent>) decoded).reason();
  }

  private static byte[] encode(Schema schema, GenericRecord record) throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.write(0xC3);
    bytes.write(0x01);
    bytes.writeBytes(little(SchemaNormalization.parsingFingerprint64(schema)));
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  private byte[] withBody(byte[] body) {
    byte[] message = Arrays.copyOf(codec.encode(task("t1")), 10 + body.length);
    System.arraycopy(body, 0, message, 10, body.length);
    return message;
  }

  private static byte[] little(long number) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private static TaskEvent task(String id) {
    return TaskEvent.newBuilder()
        .setTaskId(id)
        .setPool("general")
        .setTenant("ann")
        .setTaskType("train")
        .setSubmittedAt(NOON)
        .setRequest(new Resources(4000L, 8192L, 1, 1000L, 100L))
        .setRequestedDurationMillis(600_000L)
        .setQos(Qos.GUARANTEED)
        .setGpuModels(List.of())
        .setAttributes(Map.of())
        .build();
  }
}
