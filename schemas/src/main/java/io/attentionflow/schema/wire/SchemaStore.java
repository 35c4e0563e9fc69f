package io.attentionflow.schema.wire;

import io.attentionflow.schema.topic.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Every schema that a record may have been written with, by its fingerprint.
 *
 * <p>These are the schemas of today's classes and all that were ever released, which are kept as
 * resources {@code /released/<Record>/<version>.avsc}, versions counted from 1 without a gap. Each
 * stands alone: it names no type that it does not define.
 *
 * <p>The fingerprint is CRC-64-AVRO of the parsing canonical form, as the Avro specification has
 * it; it ignores documentation, defaults and logical types.
 *
 * <p>Immutable, so safe for many threads.
 */
public final class SchemaStore implements org.apache.avro.message.SchemaStore {

  private final Map<Long, Schema> byFingerprint;

  private SchemaStore(Map<Long, Schema> byFingerprint) {
    this.byFingerprint = byFingerprint;
  }

  /**
   * The schemas of every record in the topic catalogue: today's, and all released ones.
   *
   * @throws UncheckedIOException if a resource cannot be read
   */
  public static SchemaStore standard() {
    return Standard.STORE;
  }

  /**
   * A store of just these schemas.
   *
   * @throws IllegalArgumentException if two different ones have the same fingerprint
   */
  public static SchemaStore of(Collection<Schema> schemas) {
    Map<Long, Schema> byFingerprint = new HashMap<>();
    for (Schema schema : schemas) {
      add(byFingerprint, schema);
    }
    return new SchemaStore(byFingerprint);
  }

  /**
   * This store and one schema more.
   *
   * @throws IllegalArgumentException if a different one has the same fingerprint
   */
  public SchemaStore with(Schema schema) {
    Map<Long, Schema> more = new HashMap<>(byFingerprint);
    add(more, schema);
    return new SchemaStore(more);
  }

  /**
   * The schema that a record was written with.
   *
   * @return null if it is not known
   */
  @Override
  public @Nullable Schema findByFingerprint(long fingerprint) {
    return byFingerprint.get(fingerprint);
  }

  /**
   * The released schemas of one record, oldest first; the first is version 1.
   *
   * @param record its simple name, such as {@code TaskEvent}
   * @return empty if none was released
   * @throws UncheckedIOException if a resource cannot be read
   */
  public static List<Schema> released(String record) {
    List<Schema> versions = new ArrayList<>();
    while (true) {
      String name = "/released/%s/%d.avsc".formatted(record, versions.size() + 1);
      try (InputStream resource = SchemaStore.class.getResourceAsStream(name)) {
        if (resource == null) {
          return List.copyOf(versions);
        }
        versions.add(new Schema.Parser().parse(resource));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + name, e);
      }
    }
  }

  /** Of two schemas with the same fingerprint the first stays: bytes of one are bytes of both. */
  private static void add(Map<Long, Schema> byFingerprint, Schema schema) {
    Schema other =
        byFingerprint.putIfAbsent(SchemaNormalization.parsingFingerprint64(schema), schema);
    if (other != null
        && !SchemaNormalization.toParsingForm(other)
            .equals(SchemaNormalization.toParsingForm(schema))) {
      throw new IllegalArgumentException(
          "%s and %s have the same fingerprint".formatted(other, schema));
    }
  }

  /** Read once, when first asked for. */
  private static final class Standard {

    private static final SchemaStore STORE = read();

    private static SchemaStore read() {
      Set<Class<? extends SpecificRecord>> records = new LinkedHashSet<>();
      for (Topic topic : Topic.values()) {
        records.add(topic.record());
      }
      List<Schema> schemas = new ArrayList<>();
      for (Class<? extends SpecificRecord> record : records) {
        schemas.add(RecordCodec.schemaOf(record));
        schemas.addAll(released(record.getSimpleName()));
      }
      return of(schemas);
    }
  }
}
