package io.attentionflow.jobs.allocation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A file of options in YAML as keys, with a dot between a section and what is in it, and values as
 * they are written there. Whatever would be lost on the way is refused: what is said twice, a
 * second document, an alias, a list within a list.
 *
 * <p>A key with nothing after it has an empty value, whether it is an option or a section.
 */
final class OptionsFile {

  private static final YAMLFactory YAML =
      YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final String source;
  private final YAMLParser parser;
  private final SortedMap<String, String> values = new TreeMap<>();

  private OptionsFile(String source, YAMLParser parser) {
    this.source = source;
    this.parser = parser;
  }

  /**
   * Values by key.
   *
   * @param source what the file is called in complaints
   * @throws InvalidOptionException if it is not such a file, or something in it would be lost
   */
  static SortedMap<String, String> parse(String source, String yaml) {
    try (YAMLParser parser = YAML.createParser(yaml)) {
      OptionsFile file = new OptionsFile(source, parser);
      file.read();
      return file.values;
    } catch (JsonProcessingException e) {
      // The parser's message has a line where it knows better.
      String line =
          e.getLocation() == null || e.getOriginalMessage().contains(", line ")
              ? ""
              : ", line " + e.getLocation().getLineNr();
      throw new InvalidOptionException(
          source, "is not YAML%s: %s".formatted(line, e.getOriginalMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + source, e);
    }
  }

  private void read() throws IOException {
    JsonToken first = parser.nextToken();
    if (first == JsonToken.START_OBJECT) {
      section("");
    } else if (first != null && !isNothing()) {
      throw new InvalidOptionException(source, "does not consist of keys and values");
    }
    if (first != null && parser.nextToken() != null) {
      throw new InvalidOptionException(
          source, "has a second document, line %d; there is to be one".formatted(line()));
    }
  }

  private void section(String prefix) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = prefix + parser.currentName();
      parser.nextToken();
      value(key);
    }
  }

  private void value(String key) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      int before = values.size();
      section(key + ".");
      if (values.size() == before) {
        put(key, "");
      }
    } else if (token == JsonToken.START_ARRAY) {
      put(key, list(key));
    } else {
      put(key, scalar(key));
    }
  }

  /** Flink separates the items of a list by semicolons, everybody else by commas. */
  private String list(String key) throws IOException {
    String separator = key.startsWith(PipelineOptions.FLINK) ? ";" : ",";
    List<String> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken().isStructStart()) {
        throw new InvalidOptionException(
            key, "is a list of more than plain values, line %d".formatted(line()));
      }
      String item = scalar(key);
      if (item.contains(separator)) {
        throw new InvalidOptionException(
            key, "'%s' contains a '%s', which separates items".formatted(item, separator));
      }
      items.add(item);
    }
    // Of one item that is empty, nothing would be left.
    return items.equals(List.of("")) ? separator : String.join(separator, items);
  }

  private String scalar(String key) throws IOException {
    if (parser.isCurrentAlias()) {
      throw new InvalidOptionException(
          key, "is an alias, *%s; write the value".formatted(parser.getText()));
    }
    return isNothing() ? "" : parser.getText();
  }

  private boolean isNothing() throws IOException {
    return parser.currentToken() == JsonToken.VALUE_NULL
        || (parser.currentToken().isScalarValue() && parser.getText().isEmpty());
  }

  private void put(String key, String value) {
    if (values.put(key, value) != null) {
      throw new InvalidOptionException(key, "is set twice in " + source);
    }
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }
}
