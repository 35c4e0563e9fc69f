package io.attentionflow.launcher.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record of a topic as JSON, all fields by their names in the schema. Unlike in Avro's own JSON,
 * members of unions are not wrapped, times are ISO 8601, and a field that is null is absent.
 */
final class RecordJson {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private RecordJson() {}

  static ObjectNode of(IndexedRecord record) {
    ObjectNode object = JSON.objectNode();
    for (Schema.Field field : record.getSchema().getFields()) {
      Object value = record.get(field.pos());
      if (value != null) {
        object.set(field.name(), ofValue(value));
      }
    }
    return object;
  }

  private static JsonNode ofValue(@Nullable Object value) {
    if (value == null) {
      return JSON.nullNode();
    }
    if (value instanceof IndexedRecord record) {
      return of(record);
    }
    if (value instanceof Collection<?> collection) {
      ArrayNode array = JSON.arrayNode();
      collection.forEach(element -> array.add(ofValue(element)));
      return array;
    }
    if (value instanceof Map<?, ?> map) {
      // Sorted: the same record is the same line.
      Map<String, JsonNode> sorted = new TreeMap<>();
      map.forEach((key, element) -> sorted.put(String.valueOf(key), ofValue(element)));
      ObjectNode object = JSON.objectNode();
      object.setAll(sorted);
      return object;
    }
    return ofScalar(value);
  }

  private static JsonNode ofScalar(Object value) {
    if (value instanceof Integer number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Long number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Double number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Float number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Boolean truth) {
      return JSON.booleanNode(truth);
    }
    if (value instanceof ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.duplicate().get(copy);
      return JSON.binaryNode(copy);
    }
    if (value instanceof CharSequence || value instanceof Enum<?> || value instanceof Instant) {
      return JSON.textNode(value.toString());
    }
    throw new IllegalStateException("No case for a " + value.getClass());
  }
}
