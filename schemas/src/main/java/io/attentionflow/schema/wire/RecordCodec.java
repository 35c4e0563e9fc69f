package io.attentionflow.schema.wire;

import io.attentionflow.schema.DeadLetterReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.io.DatumReader;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * One kind of record to bytes and back, in Avro's single-object encoding.
 *
 * <pre>
 * C3 01 | fingerprint of the writer's schema, 8 bytes, little-endian | body
 * </pre>
 *
 * <p>Source: the Avro specification 1.12, "Single-object encoding". What was written with an older
 * schema, or a newer one that the store knows, is resolved into today's class.
 *
 * <p>Bytes come from strangers: whatever they are, {@link #decode} answers, throws nothing, and
 * allocates no more than a small multiple of their length.
 *
 * <p>Keeps its buffers and readers, so it is cheap to use and not to make. <b>Not thread-safe</b>:
 * one for each thread.
 *
 * @param <T> the class of today
 */
public final class RecordCodec<T extends SpecificRecord> {

  private static final int HEADER_LENGTH = 10;
  private static final byte MARKER_0 = (byte) 0xC3;
  private static final byte MARKER_1 = 1;

  private final Class<T> type;
  private final SchemaStore schemas;
  private final SpecificData model;
  private final Schema schema;
  private final byte[] header;
  private final ValueWriter writer;
  private final BodyEncoder encoder = new BodyEncoder();
  private final BodyDecoder decoder = new BodyDecoder();
  private final Map<Long, DatumReader<T>> readers = new HashMap<>();
  private final long todaysFingerprint;
  private final DatumReader<T> todaysReader;

  private RecordCodec(Class<T> type, SchemaStore schemas) {
    this.type = type;
    this.schemas = schemas;
    schema = schemaOf(type);
    model = new SpecificData(type.getClassLoader());
    model.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    // Compiles a reader for each pair of schemas; the plain one walks both for each record.
    model.setFastReaderEnabled(true);
    todaysFingerprint = SchemaNormalization.parsingFingerprint64(schema);
    header =
        ByteBuffer.allocate(HEADER_LENGTH)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(MARKER_0)
            .put(MARKER_1)
            .putLong(todaysFingerprint)
            .array();
    writer = ValueWriter.of(schema);
    todaysReader = new SpecificDatumReader<>(schema, schema, model);
  }

  /** A codec that decodes all that was ever released. */
  public static <T extends SpecificRecord> RecordCodec<T> of(Class<T> type) {
    return of(type, SchemaStore.standard());
  }

  /**
   * A codec that decodes what was written with today's schema or one of these.
   *
   * @param type a generated class
   */
  public static <T extends SpecificRecord> RecordCodec<T> of(Class<T> type, SchemaStore schemas) {
    return new RecordCodec<>(type, schemas);
  }

  /** Today's schema of a generated class. */
  static Schema schemaOf(Class<? extends SpecificRecord> type) {
    return SpecificData.get().getSchema(type);
  }

  /**
   * Encodes with today's schema.
   *
   * @return a new array
   * @throws NullPointerException if a field is null that may not be
   */
  public byte[] encode(T record) {
    encoder.reset(header);
    writer.write(record, encoder);
    return encoder.toByteArray();
  }

  /**
   * Decodes one record.
   *
   * @param message the whole message; null or empty: a tombstone, which is no record; not kept
   * @return a new record, or why there is none: EMPTY, NOT_SINGLE_OBJECT (the first ten bytes are
   *     no header), UNKNOWN_SCHEMA (the store does not know the fingerprint), WRONG_RECORD (it is
   *     of another record), UNDECODABLE (the body does not follow its schema, or goes on after its
   *     end)
   */
  public Decoded<T> decode(byte @Nullable [] message) {
    if (message == null || message.length == 0) {
      return new Decoded.Failure<>(DeadLetterReason.EMPTY, "no bytes");
    }
    if (message.length < HEADER_LENGTH || message[0] != MARKER_0 || message[1] != MARKER_1) {
      return new Decoded.Failure<>(
          DeadLetterReason.NOT_SINGLE_OBJECT,
          "%d bytes that do not begin with C3 01 and a fingerprint".formatted(message.length));
    }
    long fingerprint = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).getLong(Short.BYTES);
    if (fingerprint == todaysFingerprint) {
      return decodeBody(message, todaysReader);
    }
    Schema writers = schemas.findByFingerprint(fingerprint);
    if (writers == null) {
      return new Decoded.Failure<>(
          DeadLetterReason.UNKNOWN_SCHEMA,
          "no schema has fingerprint %016x".formatted(fingerprint));
    }
    if (!writers.getFullName().equals(schema.getFullName())) {
      return new Decoded.Failure<>(
          DeadLetterReason.WRONG_RECORD,
          "%s where %s belongs".formatted(writers.getFullName(), schema.getFullName()));
    }
    return decodeBody(
        message,
        readers.computeIfAbsent(
            fingerprint, unused -> new SpecificDatumReader<>(writers, schema, model)));
  }

  private Decoded<T> decodeBody(byte[] message, DatumReader<T> reader) {
    decoder.reset(message, HEADER_LENGTH);
    try {
      T record = type.cast(reader.read(null, decoder));
      if (decoder.remaining() > 0) {
        return new Decoded.Failure<>(
            DeadLetterReason.UNDECODABLE,
            "%d bytes after the end of the record".formatted(decoder.remaining()));
      }
      return new Decoded.Value<>(record);
    } catch (IOException | RuntimeException e) {
      // Avro's readers answer bad bytes with many kinds of exception, undeclared ones too, such as
      // IndexOutOfBoundsException for the branch of a union. None of them may reach the job.
      String problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      return new Decoded.Failure<>(
          DeadLetterReason.UNDECODABLE, "the body does not follow its schema: " + problem);
    } finally {
      decoder.clear();
    }
  }
}
