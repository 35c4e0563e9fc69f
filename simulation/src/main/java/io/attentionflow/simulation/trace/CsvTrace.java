package io.attentionflow.simulation.trace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
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
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads any CSV file of tasks, a row each, as a {@link CsvMapping} says. */
public final class CsvTrace {

  private static final CsvMapper CSV =
      CsvMapper.builder()
          .enable(CsvParser.Feature.WRAP_AS_ARRAY)
          .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
          .build();

  private CsvTrace() {}

  /**
   * Reads tasks, on the nodes that the mapping names.
   *
   * @throws TraceFormatException if a column is missing, or no row can be read
   * @throws IOException if the file cannot be read
   */
  public static Trace read(Path file, CsvMapping mapping) throws IOException {
    Reading reading = new Reading(LineSource.name(file), mapping);
    reading.read(file);
    LineCount count = reading.lines.close();
    List<TraceNode> nodes = mapping.nodes().stream().flatMap(CsvMapping.Nodes::each).toList();
    return new Trace(
        "%s: %d tasks on %d nodes%s"
            .formatted(
                reading.name,
                reading.tasks.size(),
                nodes.size(),
                mapping.description().isEmpty() ? "" : "; " + mapping.description()),
        reading.tasks,
        nodes,
        EnumSet.allOf(Dimension.class),
        true,
        count);
  }

  /** What has been read so far of one file. */
  private static final class Reading {
    private final String name;
    private final CsvMapping mapping;
    private final LineCount.Counter lines = new LineCount.Counter();
    private final List<TraceTask> tasks = new ArrayList<>();
    private final Set<String> taskIds = new HashSet<>();

    Reading(String name, CsvMapping mapping) {
      this.name = name;
      this.mapping = mapping;
    }

    void read(Path file) throws IOException {
      CsvSchema schema = CsvSchema.emptySchema().withColumnSeparator(mapping.separator());
      Map<String, Integer> columns = null;
      try (BufferedReader in = LineSource.open(file);
          MappingIterator<String[]> rows =
              CSV.readerFor(String[].class).with(schema).readValues(in)) {
        if (mapping.columns() != null) {
          columns = positions(mapping.columns());
        }
        while (rows.hasNextValue()) {
          int line = rows.getCurrentLocation().getLineNr();
          String[] cells = rows.nextValue();
          if (columns == null) {
            columns = positions(Arrays.stream(cells).map(Reading::name).toList());
          } else {
            read(new CsvRow(columns, cells), line);
          }
        }
      } catch (JsonProcessingException e) {
        throw new TraceFormatException(
            "%s:%d: %s"
                .formatted(
                    name,
                    e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                    e.getOriginalMessage()));
      }
      if (columns == null) {
        throw new TraceFormatException(name + " is empty");
      }
    }

    /** A head line may begin with a byte order mark. */
    private static String name(String cell) {
      String plain = cell.startsWith("\uFEFF") ? cell.substring(1) : cell;
      return plain.strip();
    }

    private Map<String, Integer> positions(List<String> named) throws TraceFormatException {
      try {
        mapping.check(named);
      } catch (IllegalArgumentException e) {
        throw new TraceFormatException("%s: %s".formatted(name, e.getMessage()));
      }
      Map<String, Integer> positions = new HashMap<>();
      for (int i = 0; i < named.size(); i++) {
        positions.putIfAbsent(named.get(i), i);
      }
      return positions;
    }

    private void read(CsvRow row, int line) {
      try {
        if (!mapping.where().stream().allMatch(condition -> condition.holds(row))) {
          lines.filtered();
          return;
        }
        TraceTask task = task(row, line);
        if (!taskIds.add(task.taskId())) {
          throw new IllegalArgumentException("task %s again".formatted(task.taskId()));
        }
        tasks.add(task);
        lines.used();
      } catch (IllegalArgumentException | ArithmeticException bad) {
        lines.bad(name, line, String.valueOf(bad.getMessage()));
      }
    }

    private TraceTask task(CsvRow row, int line) {
      CsvMapping.Task fields = mapping.task();
      Instant submittedAt = needed("submittedAt", fields.submittedAt().time(row));
      CsvColumn id = fields.taskId();
      Long estimate = millis(fields.requestedDurationMillis(), row);
      TaskRequest request =
          new TaskRequest(
              id == null ? String.valueOf(line) : needed("taskId", id.text(row)),
              needed("tenant", fields.tenant().text(row)),
              needed("taskType", fields.taskType().text(row)),
              submittedAt,
              fields.request().in(row),
              estimate == null ? null : Duration.ofMillis(estimate),
              number(fields.priority(), row, 0),
              oneOf(Qos.class, fields.qos(), row, Qos.BURSTABLE),
              fields.deadline() == null ? null : fields.deadline().time(row),
              number(fields.minShards(), row, 1),
              number(fields.maxShards(), row, 1),
              models(fields.gpuModels(), row));
      Long inputBytes = fields.inputBytes() == null ? null : fields.inputBytes().size(row, "bytes");
      return new TraceTask(
          needed("pool", fields.pool().text(row)),
          request,
          inputBytes == null ? 0 : inputBytes,
          attributes(fields.attributes(), row),
          null,
          truth(row, submittedAt));
    }

    private TaskTruth truth(CsvRow row, Instant submittedAt) {
      CsvMapping.Outcome outcome = mapping.outcome();
      Resources peak = outcome.peakUsage().in(row);
      Long waited = millis(outcome.waitMillis(), row);
      Long ran = millis(outcome.durationMillis(), row);
      if (outcome.startedAt() != null && outcome.endedAt() != null) {
        Instant start = needed("startedAt", outcome.startedAt().time(row));
        Instant end = needed("endedAt", outcome.endedAt().time(row));
        if (start.isBefore(submittedAt) || end.isBefore(start)) {
          throw new IllegalArgumentException(
              "submitted at %s, started at %s, ended at %s".formatted(submittedAt, start, end));
        }
        waited = Duration.between(submittedAt, start).toMillis();
        ran = Duration.between(start, end).toMillis();
      }
      return new TaskTruth(
          needed("durationMillis", ran),
          oneOf(End.class, outcome.state(), row, End.SUCCEEDED),
          peak,
          outcome.meanUsage() == null ? peak : outcome.meanUsage().in(row),
          waited);
    }

    private static @Nullable Long millis(@Nullable CsvColumn column, CsvRow row) {
      return column == null ? null : column.millis(row);
    }

    private static int number(@Nullable CsvColumn column, CsvRow row, int otherwise) {
      Double number = column == null ? null : column.number(row);
      return number == null ? otherwise : Math.toIntExact(Math.round(number));
    }

    private static <E extends Enum<E>> E oneOf(
        Class<E> type, @Nullable CsvColumn column, CsvRow row, E otherwise) {
      String name = column == null ? null : column.text(row);
      if (name == null) {
        return otherwise;
      }
      for (E constant : type.getEnumConstants()) {
        if (constant.name().equals(name.toUpperCase(Locale.ROOT))) {
          return constant;
        }
      }
      throw new IllegalArgumentException(
          "%s is none of %s".formatted(name, Arrays.toString(type.getEnumConstants())));
    }

    private static List<String> models(@Nullable CsvColumn column, CsvRow row) {
      String models = column == null ? null : column.text(row);
      return models == null
          ? List.of()
          : Arrays.stream(models.split("\\|", -1)).filter(model -> !model.isBlank()).toList();
    }

    private static SortedMap<String, String> attributes(
        Map<String, CsvColumn> columns, CsvRow row) {
      SortedMap<String, String> attributes = new TreeMap<>();
      columns.forEach(
          (attribute, column) -> {
            String text = column.text(row);
            if (text != null) {
              attributes.put(attribute, text);
            }
          });
      return attributes;
    }

    private static <T> T needed(String field, @Nullable T value) {
      if (value == null) {
        throw new IllegalArgumentException("no " + field);
      }
      return value;
    }
  }
}
