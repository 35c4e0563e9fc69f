package io.attentionflow.schema.wire;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalType;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes values of one schema: what there is to know about the schema is found out once, when the
 * writer is made. Writes what Avro's own writer does, which looks at the schema for each value
 * again, and at each field for a conversion.
 *
 * <p>Knows what our schemas are made of, and refuses a schema that has anything else. None is
 * recursive.
 */
interface ValueWriter {

  /**
   * Writes a value.
   *
   * @throws NullPointerException if it is null, or something in it, that may not be
   * @throws ClassCastException if it is of another schema
   */
  void write(@Nullable Object value, BodyEncoder out);

  /**
   * A writer.
   *
   * @throws IllegalArgumentException if the schema has what this cannot write
   */
  static ValueWriter of(Schema schema) {
    return switch (schema.getType()) {
      case RECORD -> record(schema);
      case ARRAY -> array(of(schema.getElementType()));
      case MAP -> map(of(schema.getValueType()));
      case UNION -> optional(schema);
      case ENUM -> ValueWriter::writeEnum;
      case STRING -> (value, out) -> out.writeString(present((String) value));
      case BYTES -> (value, out) -> writeBytes(present((ByteBuffer) value), out);
      case INT -> (value, out) -> out.writeInt(present((Integer) value));
      case LONG -> isTime(schema) ? ValueWriter::writeTime : ValueWriter::writeLong;
      case DOUBLE -> (value, out) -> out.writeDouble(present((Double) value));
      case BOOLEAN -> (value, out) -> out.writeBoolean(present((Boolean) value));
      case FLOAT, FIXED, NULL -> throw new IllegalArgumentException("No writer for " + schema);
    };
  }

  private static ValueWriter record(Schema schema) {
    List<Schema.Field> fields = schema.getFields();
    ValueWriter[] writers = new ValueWriter[fields.size()];
    for (int i = 0; i < writers.length; i++) {
      writers[i] = of(fields.get(i).schema());
    }
    return (value, out) -> {
      IndexedRecord record = present((IndexedRecord) value);
      for (int i = 0; i < writers.length; i++) {
        writers[i].write(record.get(i), out);
      }
    };
  }

  private static ValueWriter array(ValueWriter element) {
    return (value, out) -> {
      Collection<?> elements = present((Collection<?>) value);
      if (!elements.isEmpty()) {
        out.writeLong(elements.size());
        for (Object one : elements) {
          element.write(one, out);
        }
      }
      out.writeArrayEnd();
    };
  }

  private static ValueWriter map(ValueWriter of) {
    return (value, out) -> {
      Map<?, ?> map = present((Map<?, ?>) value);
      if (!map.isEmpty()) {
        out.writeLong(map.size());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.writeString(present((String) entry.getKey()));
          of.write(entry.getValue(), out);
        }
      }
      out.writeMapEnd();
    };
  }

  /** Null or something: the only union that our schemas have. */
  private static ValueWriter optional(Schema union) {
    List<Schema> branches = union.getTypes();
    if (branches.size() != 2 || branches.get(0).getType() != Schema.Type.NULL) {
      throw new IllegalArgumentException("No writer for " + union);
    }
    ValueWriter something = of(branches.get(1));
    return (value, out) -> {
      out.writeIndex(value == null ? 0 : 1);
      if (value != null) {
        something.write(value, out);
      }
    };
  }

  private static boolean isTime(Schema schema) {
    LogicalType type = schema.getLogicalType();
    return type != null && type.getName().equals("timestamp-millis");
  }

  private static void writeTime(@Nullable Object value, BodyEncoder out) {
    out.writeLong(present((Instant) value).toEpochMilli());
  }

  private static void writeLong(@Nullable Object value, BodyEncoder out) {
    out.writeLong(present((Long) value));
  }

  /** A generated enum has the symbols of its schema, in the same order. */
  @SuppressWarnings("EnumOrdinal")
  private static void writeEnum(@Nullable Object value, BodyEncoder out) {
    out.writeEnum(present((Enum<?>) value).ordinal());
  }

  private static void writeBytes(ByteBuffer bytes, BodyEncoder out) {
    out.writeLong(bytes.remaining());
    out.writeFixed(bytes);
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new NullPointerException("a field is null that may not be");
    }
    return value;
  }
}
