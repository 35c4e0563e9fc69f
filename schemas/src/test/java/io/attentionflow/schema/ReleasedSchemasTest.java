package io.attentionflow.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.wire.SchemaStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever speaks any released version can talk with whoever speaks today's, both ways. */
class ReleasedSchemasTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Schema> records() {
    return Stream.of(Topic.values()).map(Topic::record).map(SpecificData.get()::getSchema);
  }

  @ParameterizedTest
  @MethodSource("records")
  void isTheNewestReleasedVersion(Schema today) throws IOException {
    List<Schema> released = SchemaStore.released(today.getName());
    int next = released.size() + 1;
    if (released.isEmpty()) {
      fail("%s has no released version. %s".formatted(today.getName(), howToRelease(today, next)));
    }

    Schema newest = released.get(released.size() - 1);

    if (!meaning(today).equals(meaning(newest))) {
      fail(
          """
          %s is no longer what released/%1$s/%d.avsc says. %s
          Only if version %2$d was never in a release, replace it instead. Never change one that was:
          records written with it are out there, and are read with that file."""
              .formatted(today.getName(), next - 1, howToRelease(today, next)));
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void readsAllReleasedVersionsAndIsReadByThem(Schema today) {
    for (Schema released : SchemaStore.released(today.getName())) {
      assertReads(today, released);
      assertReads(released, today);
    }
  }

  @Test
  void noticesAFieldWithoutADefault() {
    Schema today = SpecificData.get().getSchema(DeadLetter.class);
    String text = today.toString();
    Schema withAnother =
        new Schema.Parser()
            .parse(
                text.substring(0, text.length() - 2)
                    + ",{\"name\":\"colour\",\"type\":\"string\"}]}");

    assertThat(compatibility(withAnother, today)).isEqualTo(SchemaCompatibilityType.INCOMPATIBLE);
    assertThat(compatibility(today, withAnother)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  private static void assertReads(Schema reader, Schema writer) {
    assertThat(compatibility(reader, writer))
        .as("%s%nreads%n%s", reader, writer)
        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType();
  }

  /** Writes the file that is wanted, so that whoever changed the schema has only to copy it. */
  private static String howToRelease(Schema today, int version) throws IOException {
    Path file = Path.of("target", "released", today.getName(), version + ".avsc");
    Files.createDirectories(file.getParent());
    Files.writeString(file, withoutJava(today).toPrettyString() + "\n");
    return "Copy schemas/%s to schemas/src/main/resources/released/%s/%d.avsc and commit it."
        .formatted(file, today.getName(), version);
  }

  /** All that a reader or writer acts on: not the words, and not what the Java compiler added. */
  private static JsonNode meaning(Schema schema) throws IOException {
    JsonNode json = withoutJava(schema);
    json.findParents("doc").forEach(parent -> ((ObjectNode) parent).remove("doc"));
    return json;
  }

  /** The schema as in its source: Avro's compiler marks every string as a Java string. */
  private static JsonNode withoutJava(Schema schema) throws IOException {
    return unmarked(JSON.readTree(schema.toString()));
  }

  private static JsonNode unmarked(JsonNode node) {
    if (node.isArray()) {
      var array = JSON.createArrayNode();
      node.forEach(item -> array.add(unmarked(item)));
      return array;
    }
    if (node.isObject()) {
      var object = JSON.createObjectNode();
      node.properties().stream()
          .filter(property -> !property.getKey().equals("avro.java.string"))
          .forEach(property -> object.set(property.getKey(), unmarked(property.getValue())));
      boolean onlyAType = object.size() == 1 && object.path("type").isTextual();
      return onlyAType ? object.get("type") : object;
    }
    return node;
  }
}
