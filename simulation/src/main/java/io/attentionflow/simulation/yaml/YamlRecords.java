package io.attentionflow.simulation.yaml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads a record, and those within it, from YAML. A key that no record has is refused by its name,
 * with the list of those there are; what a record's constructor refuses is told with the line. So
 * is what would be lost: a key that is there twice, and a second document.
 */
public final class YamlRecords {

  private static final YAMLFactory FACTORY =
      YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final ObjectMapper YAML = mapper();

  private YamlRecords() {}

  private static ObjectMapper mapper() {
    ObjectMapper mapper =
        new ObjectMapper(FACTORY).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    // A section of which all is commented out is one that is not there.
    for (LogicalType section : List.of(LogicalType.Collection, LogicalType.Map, LogicalType.POJO)) {
      mapper
          .coercionConfigFor(section)
          .setCoercion(CoercionInputShape.EmptyString, CoercionAction.AsNull);
    }
    return mapper;
  }

  /**
   * Reads a record from a file.
   *
   * @throws YamlException if it is none
   * @throws IOException if the file cannot be read
   */
  public static <T extends Record> T read(Path file, Class<T> type) throws IOException {
    return parse(String.valueOf(file.getFileName()), Files.readString(file), type);
  }

  /** The same from text; {@code name} is for messages. */
  public static <T extends Record> T parse(String name, String yaml, Class<T> type)
      throws YamlException {
    try {
      checkDocument(name, yaml);
      JsonNode tree = YAML.readTree(yaml);
      if (tree == null || !tree.isObject()) {
        throw new YamlException(name + ": there are no keys");
      }
      // First: records would complain of what a misspelt key left out.
      checkKeys(name, "", tree, type);
      return YAML.readValue(yaml, type);
    } catch (ValueInstantiationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new YamlException(name + place(e) + ": " + cause.getMessage());
    } catch (JsonMappingException e) {
      throw new YamlException(name + place(e) + ": " + e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      throw new YamlException(name + ": " + e.getMessage());
    } catch (YamlException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("a text that cannot be read", e);
    }
  }

  /** What would not be read as it was meant: aliases, and what follows the first document. */
  private static void checkDocument(String file, String yaml) throws IOException {
    try (YAMLParser parser = FACTORY.createParser(yaml)) {
      int depth = 0;
      boolean begun = false;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        int line = parser.currentTokenLocation().getLineNr();
        if (begun && depth == 0) {
          throw new YamlException(
              "%s:%d: there is a second document; one is read".formatted(file, line));
        }
        if (parser.isCurrentAlias()) {
          throw new YamlException(
              "%s:%d: an alias, *%s; write it out".formatted(file, line, parser.getText()));
        }
        begun = true;
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      }
    }
  }

  private static void checkKeys(String file, String path, JsonNode node, Type type)
      throws YamlException {
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      for (int i = 0; i < node.size(); i++) {
        Type element = list.getActualTypeArguments()[0];
        checkKeys(file, path + "[" + (i + 1) + "]", node.path(i), element);
      }
    } else if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
      for (Map.Entry<String, JsonNode> entry : node.properties()) {
        Type value = map.getActualTypeArguments()[1];
        checkKeys(file, path + "." + entry.getKey(), entry.getValue(), value);
      }
    } else if (type instanceof Class<?> record && record.isRecord()) {
      Map<String, Type> known = new TreeMap<>();
      for (RecordComponent component : record.getRecordComponents()) {
        known.put(component.getName(), component.getGenericType());
      }
      for (Map.Entry<String, JsonNode> entry : node.properties()) {
        String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
        Type expected = known.get(entry.getKey());
        if (expected == null) {
          throw new YamlException(
              "%s: %s is no key; there are: %s"
                  .formatted(file, key, String.join(", ", known.keySet())));
        }
        checkKeys(file, key, entry.getValue(), expected);
      }
    }
  }

  private static String place(JsonMappingException e) {
    return e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
  }
}
