package io.attentionflow.simulation.yaml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
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
 * with the list of those there are; what a record's constructor refuses is told with the line.
 */
public final class YamlRecords {

  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private YamlRecords() {}

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
