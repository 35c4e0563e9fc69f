package io.attentionflow.simulation.trace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.simulation.trace.TaskTruth.End;
import io.attentionflow.simulation.trace.Trace.Dimension;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON lines: one task event a line in the field names of {@code TaskEvent.avsc}, with one
 * more field, {@code outcome}: {@code {"durationMillis": 5000, "state": "SUCCEEDED", "peakUsage":
 * {...}}} and, if known, {@code waitMillis} and {@code meanUsage}.
 *
 * <p>Values are plain, or wrapped as Avro writes members of a union ({@code {"long": 5}}). Times
 * are milliseconds since 1970 or ISO 8601. A line of kind {@code CANCEL} takes back a task of an
 * earlier line. A line with a {@code nodeId} and no {@code taskId} is a node in the field names of
 * {@code NodeEvent.avsc}; those that join or live make the cluster, others count as filtered. For
 * whoever writes such files, docs/traces.md says all this with an example.
 */
public final class JsonlTrace {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Thirty thousand years in milliseconds: far from where sums of a long end. */
  private static final long LARGEST = 1_000_000_000_000_000L;

  private JsonlTrace() {}

  /**
   * Reads tasks, and the nodes among them.
   *
   * @throws TraceFormatException if no line can be read
   * @throws IOException if the file cannot be read
   */
  public static Trace read(Path file) throws IOException {
    Reading reading = new Reading(LineSource.name(file));
    reading.read(file);
    LineCount count = reading.lines.close();
    return new Trace(
        "%s: %d tasks on %d nodes"
            .formatted(reading.name, reading.tasks.size(), reading.nodes.size()),
        new ArrayList<>(reading.tasks.values()),
        new ArrayList<>(reading.nodes.values()),
        EnumSet.allOf(Dimension.class),
        true,
        count);
  }

  /** What has been read so far of one file. */
  private static final class Reading {
    private final String name;
    private final LineCount.Counter lines = new LineCount.Counter();
    private final Map<String, TraceTask> tasks = new LinkedHashMap<>();
    private final Map<String, TraceNode> nodes = new LinkedHashMap<>();

    Reading(String name) {
      this.name = name;
    }

    void read(Path file) throws IOException {
      int number = 0;
      try (BufferedReader in = LineSource.open(file)) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          number++;
          if (line.isBlank()) {
            continue;
          }
          try {
            read(new Fields(JSON.readTree(line)));
          } catch (JsonProcessingException bad) {
            lines.bad(name, number, "no JSON: " + bad.getOriginalMessage());
          } catch (IllegalArgumentException | ArithmeticException bad) {
            lines.bad(name, number, String.valueOf(bad.getMessage()));
          }
        }
      }
    }

    private void read(Fields line) {
      if (!line.has("taskId") && line.has("nodeId")) {
        readNode(line);
        return;
      }
      String kind = line.text("kind", "SUBMIT");
      switch (kind) {
        case "SUBMIT" -> submit(line);
        case "CANCEL" -> cancel(line);
        default -> throw new IllegalArgumentException("unknown kind " + kind);
      }
      lines.used();
    }

    private void readNode(Fields line) {
      String kind = line.text("kind", "JOINED");
      if (!kind.equals("JOINED") && !kind.equals("HEARTBEAT")) {
        lines.filtered();
        return;
      }
      TraceNode node =
          new TraceNode(
              line.text("nodeId"),
              line.text("pool"),
              resources(line.object("capacity")),
              line.textOrNull("gpuModel"),
              TraceTask.sorted(line.texts("labels")));
      nodes.putIfAbsent(node.nodeId(), node);
      lines.used();
    }

    private void submit(Fields line) {
      String taskId = line.text("taskId");
      if (tasks.containsKey(taskId)) {
        throw new IllegalArgumentException("task %s again".formatted(taskId));
      }
      Fields outcome = line.object("outcome");
      if (outcome == null) {
        throw new IllegalArgumentException("no outcome");
      }
      Long estimate = line.numberOrNull("requestedDurationMillis");
      TaskRequest request =
          new TaskRequest(
              taskId,
              line.text("tenant"),
              line.text("taskType"),
              line.time("submittedAt"),
              resources(line.object("request")),
              estimate == null ? null : Duration.ofMillis(estimate),
              Math.toIntExact(line.number("priority", 0)),
              line.oneOf(Qos.class, "qos", Qos.BURSTABLE),
              line.timeOrNull("deadline"),
              Math.toIntExact(line.number("minShards", 1)),
              Math.toIntExact(line.number("maxShards", 1)),
              line.list("gpuModels"));
      tasks.put(
          taskId,
          new TraceTask(
              line.text("pool"),
              request,
              line.number("inputBytes", 0),
              TraceTask.sorted(line.texts("attributes")),
              null,
              truth(outcome)));
    }

    private void cancel(Fields line) {
      String taskId = line.text("taskId");
      TraceTask task = tasks.get(taskId);
      if (task == null) {
        throw new IllegalArgumentException("cancels %s, not submitted before".formatted(taskId));
      }
      tasks.put(
          taskId,
          new TraceTask(
              task.pool(),
              task.request(),
              task.inputBytes(),
              task.attributes(),
              line.time("submittedAt"),
              task.truth()));
    }

    private static TaskTruth truth(Fields outcome) {
      if (!outcome.has("durationMillis")) {
        throw new IllegalArgumentException("the outcome has no durationMillis");
      }
      Resources peak = resources(outcome.object("peakUsage"));
      Fields mean = outcome.object("meanUsage");
      return new TaskTruth(
          outcome.number("durationMillis", 0),
          outcome.oneOf(End.class, "state", End.SUCCEEDED),
          peak,
          mean == null ? peak : resources(mean),
          outcome.numberOrNull("waitMillis"));
    }

    private static Resources resources(@Nullable Fields fields) {
      return fields == null
          ? Resources.NONE
          : new Resources(
              fields.number("cpuMillis", 0),
              fields.number("memoryMib", 0),
              Math.toIntExact(fields.number("gpuCount", 0)),
              fields.number("gpuMillis", 0),
              fields.number("ioMibps", 0));
    }
  }

  /** The fields of a JSON object, unwrapped from unions; a field that is null is absent. */
  private static final class Fields {
    private final JsonNode object;

    Fields(JsonNode object) {
      if (!object.isObject()) {
        throw new IllegalArgumentException("no object");
      }
      this.object = object;
    }

    /** The value of a field, or null. */
    private @Nullable JsonNode get(String field) {
      JsonNode value = object.get(field);
      return value == null || value.isNull() ? null : value;
    }

    /** The same of a scalar or a list: there, an object of one field can only be a union. */
    private @Nullable JsonNode scalar(String field) {
      JsonNode value = get(field);
      if (value != null && value.isObject() && value.size() == 1) {
        return value.elements().next();
      }
      return value;
    }

    boolean has(String field) {
      return get(field) != null;
    }

    String text(String field) {
      String text = textOrNull(field);
      if (text == null || text.isEmpty()) {
        throw new IllegalArgumentException("no " + field);
      }
      return text;
    }

    String text(String field, String otherwise) {
      String text = textOrNull(field);
      return text == null ? otherwise : text;
    }

    @Nullable String textOrNull(String field) {
      JsonNode value = scalar(field);
      if (value == null) {
        return null;
      }
      if (!value.isTextual()) {
        throw new IllegalArgumentException("%s is no text: %s".formatted(field, value));
      }
      return value.textValue();
    }

    long number(String field, long otherwise) {
      Long number = numberOrNull(field);
      return number == null ? otherwise : number;
    }

    /** A number without sign. */
    @Nullable Long numberOrNull(String field) {
      JsonNode value = scalar(field);
      if (value == null) {
        return null;
      }
      if (!value.isIntegralNumber() || !value.canConvertToLong()) {
        throw new IllegalArgumentException("%s is no whole number: %s".formatted(field, value));
      }
      if (value.longValue() < 0 && !field.equals("priority")) {
        throw new IllegalArgumentException("%s is negative: %s".formatted(field, value));
      }
      if (value.longValue() > LARGEST) {
        throw new IllegalArgumentException("%s is out of range: %s".formatted(field, value));
      }
      return value.longValue();
    }

    Instant time(String field) {
      Instant time = timeOrNull(field);
      if (time == null) {
        throw new IllegalArgumentException("no " + field);
      }
      return time;
    }

    @Nullable Instant timeOrNull(String field) {
      JsonNode value = scalar(field);
      if (value == null) {
        return null;
      }
      try {
        Instant time =
            value.isTextual()
                ? Instant.parse(value.textValue())
                : Instant.ofEpochMilli(number(field, 0));
        if (time.isBefore(Instant.EPOCH) || time.isAfter(Instant.ofEpochMilli(LARGEST))) {
          throw new IllegalArgumentException("%s is out of range: %s".formatted(field, value));
        }
        return time;
      } catch (java.time.DateTimeException e) {
        throw new IllegalArgumentException("%s is no time: %s".formatted(field, value), e);
      }
    }

    <E extends Enum<E>> E oneOf(Class<E> type, String field, E otherwise) {
      String name = textOrNull(field);
      if (name == null) {
        return otherwise;
      }
      for (E constant : type.getEnumConstants()) {
        if (constant.name().equals(name)) {
          return constant;
        }
      }
      throw new IllegalArgumentException("unknown %s %s".formatted(field, name));
    }

    List<String> list(String field) {
      JsonNode value = scalar(field);
      List<String> texts = new ArrayList<>();
      if (value != null) {
        if (!value.isArray()) {
          throw new IllegalArgumentException("%s is no list: %s".formatted(field, value));
        }
        value.forEach(element -> texts.add(element.asText()));
      }
      return texts;
    }

    /** A map of texts. It is no member of a union in the schemas, so it is never wrapped. */
    Map<String, String> texts(String field) {
      JsonNode value = get(field);
      Map<String, String> texts = new TreeMap<>();
      if (value != null) {
        if (!value.isObject()) {
          throw new IllegalArgumentException("%s is no map: %s".formatted(field, value));
        }
        value.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
      }
      return texts;
    }

    /** A record; wrapped ones have one field that is named for the type and holds the record. */
    @Nullable Fields object(String field) {
      JsonNode value = get(field);
      if (value == null) {
        return null;
      }
      if (value.isObject() && value.size() == 1 && value.elements().next().isObject()) {
        return new Fields(value.elements().next());
      }
      if (!value.isObject()) {
        throw new IllegalArgumentException("%s is no object: %s".formatted(field, value));
      }
      return new Fields(value);
    }
  }
}
