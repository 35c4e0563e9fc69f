package io.attentionflow.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.schema.topic.Topic;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.Test;

/** What every schema of ours must have, so that people can read it and it can change later. */
class SchemaDocumentationTest {

  @Test
  void everyTypeAndFieldIsDocumented() {
    named()
        .forEach(
            (name, schema) -> {
              assertThat(schema.getDoc()).as(name).isNotBlank();
              if (schema.getType() == Schema.Type.RECORD) {
                schema
                    .getFields()
                    .forEach(
                        field ->
                            assertThat(field.doc()).as("%s.%s", name, field.name()).isNotBlank());
              }
            });
  }

  @Test
  void everyEnumHasASymbolForWhatAReaderDoesNotKnow() {
    named()
        .forEach(
            (name, schema) -> {
              if (schema.getType() == Schema.Type.ENUM) {
                assertThat(schema.getEnumDefault()).as(name).isEqualTo("UNKNOWN");
              }
            });
  }

  @Test
  void everyTimeIsATimestamp() {
    named()
        .forEach(
            (name, schema) -> {
              if (schema.getType() == Schema.Type.RECORD) {
                schema.getFields().stream()
                    .filter(field -> field.name().endsWith("At"))
                    .forEach(
                        field ->
                            assertThat(field.schema().getLogicalType())
                                .as("%s.%s", name, field.name())
                                .isEqualTo(LogicalTypes.timestampMillis()));
              }
            });
  }

  /** Records and enums by full name, nested ones too. */
  private static Map<String, Schema> named() {
    Map<String, Schema> found = new LinkedHashMap<>();
    Set<Schema> seen = new HashSet<>();
    Deque<Schema> open = new ArrayDeque<>();
    for (Topic topic : Topic.values()) {
      open.add(SpecificData.get().getSchema(topic.record()));
    }
    while (!open.isEmpty()) {
      Schema schema = open.remove();
      if (!seen.add(schema)) {
        continue;
      }
      switch (schema.getType()) {
        case RECORD -> {
          found.put(schema.getFullName(), schema);
          schema.getFields().forEach(field -> open.add(field.schema()));
        }
        case ENUM -> found.put(schema.getFullName(), schema);
        case ARRAY -> open.add(schema.getElementType());
        case MAP -> open.add(schema.getValueType());
        case UNION -> open.addAll(schema.getTypes());
        default -> {}
      }
    }
    return found;
  }
}
