package io.attentionflow.schema.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.topic.Topic;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;

/** Every record of the catalogue, with random contents, whole and damaged. */
class RecordCodecPropertiesTest {

  private static final Map<Topic, RecordCodec<SpecificRecord>> CODECS = codecs();

  @Property(tries = 200)
  void decodesWhatAvroEncodesAndEncodesItLikeAvro(@ForAll Topic topic, @ForAll("seeds") long seed)
      throws IOException {
    byte[] message = message(topic, seed);

    SpecificRecord record = codec(topic).decode(message).orElseThrow();

    assertThat(codec(topic).encode(record)).isEqualTo(asAvroEncodes(topic, record));
    assertThat(codec(topic).decode(codec(topic).encode(record)).orElseThrow()).isEqualTo(record);
  }

  @Property(tries = 200)
  void neverThrowsNorAllocatesMuchForADamagedMessage(
      @ForAll Topic topic, @ForAll("seeds") long seed) throws IOException {
    byte[] message = message(topic, seed);
    Random random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      assertAnswered(topic, damaged(message, random));
    }
  }

  @Property(tries = 200)
  void neverThrowsForGarbage(@ForAll Topic topic, @ForAll @Size(max = 300) byte[] garbage) {
    assertAnswered(topic, garbage);
    // With a good header, so that it gets as far as the body.
    byte[] message = Arrays.copyOf(message(topic, 1), 10 + garbage.length);
    System.arraycopy(garbage, 0, message, 10, garbage.length);
    assertAnswered(topic, message);
  }

  @Property(tries = 200)
  void refusesAMessageCutShort(@ForAll Topic topic, @ForAll("seeds") long seed) {
    byte[] message = message(topic, seed);
    for (int length = 10; length < message.length; length += 1 + message.length / 50) {
      assertThat(codec(topic).decode(Arrays.copyOf(message, length)))
          .isInstanceOfSatisfying(
              Decoded.Failure.class,
              failure -> assertThat(failure.reason()).isEqualTo(DeadLetterReason.UNDECODABLE));
    }
  }

  @Provide
  Arbitrary<Long> seeds() {
    return Arbitraries.longs();
  }

  private static void assertAnswered(Topic topic, byte[] message) {
    long before = allocatedBytes();
    Decoded<SpecificRecord> decoded = codec(topic).decode(message);
    assertThat(allocatedBytes() - before).isLessThan(500_000 + 100L * message.length);

    if (decoded instanceof Decoded.Value<SpecificRecord> value) {
      // Whatever came out is a whole record.
      assertThat(codec(topic).encode(value.value())).isNotEmpty();
    }
  }

  /** Some bits flipped, some bytes set to what tends to hurt, cut, or lengthened. */
  private static byte[] damaged(byte[] message, Random random) {
    byte[] copy = message.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(copy.length);
      switch (random.nextInt(4)) {
        case 0 -> copy[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> copy[at] = (byte) random.nextInt();
        case 2 -> Arrays.fill(copy, at, Math.min(copy.length, at + 9), (byte) 0xFF);
        default -> copy = Arrays.copyOf(copy, Math.max(1, at + random.nextInt(3)));
      }
    }
    return copy;
  }

  private static byte[] asAvroEncodes(Topic topic, SpecificRecord record) throws IOException {
    var model = new SpecificData();
    model.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    var bytes = new BinaryMessageEncoder<SpecificRecord>(model, schema(topic)).encode(record);
    return toArray(bytes);
  }

  /** A message with random contents, from Avro alone. */
  private static byte[] message(Topic topic, long seed) {
    Object contents = new RandomData(schema(topic), 1, seed, true).iterator().next();
    try {
      var bytes =
          new BinaryMessageEncoder<Object>(GenericData.get(), schema(topic)).encode(contents);
      return toArray(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] toArray(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static Map<Topic, RecordCodec<SpecificRecord>> codecs() {
    Map<Topic, RecordCodec<SpecificRecord>> codecs = new EnumMap<>(Topic.class);
    for (Topic topic : Topic.values()) {
      codecs.put(topic, codecOf(topic.record()));
    }
    return codecs;
  }

  /** A codec whose record is known by its class alone. */
  @SuppressWarnings("unchecked")
  private static RecordCodec<SpecificRecord> codecOf(Class<? extends SpecificRecord> type) {
    return RecordCodec.of((Class<SpecificRecord>) type);
  }

  private static Schema schema(Topic topic) {
    return RecordCodec.schemaOf(topic.record());
  }

  private static RecordCodec<SpecificRecord> codec(Topic topic) {
    return CODECS.get(topic);
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
