package io.attentionflow.simulation.trace;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.attentionflow.allocation.Resources;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.simulation.yaml.YamlException;
import io.attentionflow.simulation.yaml.YamlRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a CSV file become tasks with outcomes, as a person writes it down in YAML; {@code
 * config/adapters/template.yaml} explains each key. Fields are named as in {@code TaskEvent.avsc}.
 *
 * @param description a sentence for people
 * @param delimiter between cells, one character, or {@code tab}; null: a comma
 * @param columns names of the columns of a file whose first line does not name them; null: it does
 * @param where which rows count; empty: all
 * @param task what was known at submission
 * @param outcome what it turned out to be
 * @param classes the classes of complexity that suit these tasks; null: as configured
 * @param nodes the cluster; empty: given elsewhere, or there is nothing to allocate
 */
public record CsvMapping(
    String description,
    @Nullable String delimiter,
    @Nullable List<String> columns,
    List<Condition> where,
    Task task,
    Outcome outcome,
    @Nullable Classes classes,
    List<Nodes> nodes) {

  private static final CsvColumn ANY = CsvColumn.always("csv");

  public CsvMapping {
    description = description == null ? "" : description;
    where = where == null ? List.of() : List.copyOf(where);
    task = needed("task", task);
    outcome = needed("outcome", outcome);
    nodes = nodes == null ? List.of() : List.copyOf(nodes);
    if (delimiter != null && delimiter.length() != 1 && !delimiter.equals("tab")) {
      throw new IllegalArgumentException("delimiter is '%s'; one character".formatted(delimiter));
    }
    columns = columns == null ? null : List.copyOf(columns);
  }

  /**
   * A row counts if its cell is one of some texts, or is a number above a bound, or both.
   *
   * @param in null: any text
   * @param above null: no number need be there
   */
  public record Condition(String column, @Nullable List<String> in, @Nullable Double above) {
    public Condition {
      column = needed("where: column", column);
      in = in == null ? null : List.copyOf(in);
      if (in == null && above == null) {
        throw new IllegalArgumentException("where %s: needs in, or above".formatted(column));
      }
    }

    boolean holds(CsvRow row) {
      String text = row.cell(column);
      if (in != null && !in.contains(text)) {
        return false;
      }
      try {
        return above == null || Double.parseDouble(text) > above;
      } catch (NumberFormatException e) {
        return false;
      }
    }
  }

  /**
   * The fields of a {@code TaskEvent}. What is null takes the default of that record.
   *
   * @param taskId null: the number of the line
   * @param pool null: {@code csv}
   * @param tenant null: one tenant for all
   * @param taskType null: one type for all
   * @param gpuModels separated by {@code |}
   * @param attributes whatever else was known
   */
  public record Task(
      @Nullable CsvColumn taskId,
      CsvColumn pool,
      CsvColumn tenant,
      CsvColumn taskType,
      CsvColumn submittedAt,
      Amounts request,
      @Nullable CsvColumn requestedDurationMillis,
      @Nullable CsvColumn priority,
      @Nullable CsvColumn qos,
      @Nullable CsvColumn deadline,
      @Nullable CsvColumn inputBytes,
      @Nullable CsvColumn minShards,
      @Nullable CsvColumn maxShards,
      @Nullable CsvColumn gpuModels,
      Map<String, CsvColumn> attributes) {
    public Task {
      pool = pool == null ? ANY : pool;
      tenant = tenant == null ? ANY : tenant;
      taskType = taskType == null ? ANY : taskType;
      submittedAt = needed("task: submittedAt", submittedAt);
      request = request == null ? Amounts.NONE : request;
      attributes =
          attributes == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(attributes));
    }

    Stream<@Nullable CsvColumn> fields() {
      List<@Nullable CsvColumn> fields = new ArrayList<>();
      Collections.addAll(fields, taskId, pool, tenant, taskType, submittedAt, priority, qos);
      Collections.addAll(fields, requestedDurationMillis, deadline, inputBytes);
      Collections.addAll(fields, minShards, maxShards, gpuModels);
      fields.addAll(attributes.values());
      return Stream.concat(fields.stream(), request.fields());
    }
  }

  /** An amount of each resource; null is none. */
  public record Amounts(
      @Nullable CsvColumn cpuMillis,
      @Nullable CsvColumn memoryMib,
      @Nullable CsvColumn gpuCount,
      @Nullable CsvColumn gpuMillis,
      @Nullable CsvColumn ioMibps) {

    static final Amounts NONE = new Amounts(null, null, null, null, null);

    Stream<@Nullable CsvColumn> fields() {
      List<@Nullable CsvColumn> fields = new ArrayList<>();
      Collections.addAll(fields, cpuMillis, memoryMib, gpuCount, gpuMillis, ioMibps);
      return fields.stream();
    }

    /** GPUs without a share are whole ones. */
    Resources in(CsvRow row) {
      int gpus = Math.toIntExact(amount(gpuCount, row));
      return new Resources(
          amount(cpuMillis, row),
          memoryMib == null ? 0 : orNone(memoryMib.size(row, "MiB")),
          gpus,
          gpus == 0 ? 0 : gpuMillis == null ? 1000 : amount(gpuMillis, row),
          amount(ioMibps, row));
    }

    private static long amount(@Nullable CsvColumn column, CsvRow row) {
      return column == null ? 0 : orNone(column.amount(row));
    }

    private static long orNone(@Nullable Long amount) {
      return amount == null ? 0 : amount;
    }
  }

  /**
   * What became of it: its run time, or when it started and ended.
   *
   * @param startedAt null: not known, or by {@code waitMillis}
   * @param endedAt counts only with {@code startedAt}
   * @param state a name of {@link TaskTruth.End}; null: SUCCEEDED
   */
  public record Outcome(
      @Nullable CsvColumn durationMillis,
      @Nullable CsvColumn waitMillis,
      @Nullable CsvColumn startedAt,
      @Nullable CsvColumn endedAt,
      @Nullable CsvColumn state,
      Amounts peakUsage,
      @Nullable Amounts meanUsage) {
    public Outcome {
      if ((durationMillis == null) == (startedAt == null || endedAt == null)) {
        throw new IllegalArgumentException(
            "outcome: needs either durationMillis, or startedAt and endedAt");
      }
      if (waitMillis != null && startedAt != null) {
        throw new IllegalArgumentException("outcome: waitMillis follows from startedAt");
      }
      peakUsage = peakUsage == null ? Amounts.NONE : peakUsage;
    }

    Stream<@Nullable CsvColumn> fields() {
      List<@Nullable CsvColumn> fields = new ArrayList<>();
      Collections.addAll(fields, durationMillis, waitMillis, startedAt, endedAt, state);
      return Stream.of(
              fields.stream(),
              peakUsage.fields(),
              meanUsage == null ? Stream.<@Nullable CsvColumn>empty() : meanUsage.fields())
          .flatMap(all -> all);
    }
  }

  /**
   * Classes of complexity by run time.
   *
   * @param bounds the most that still belongs to each but the last, such as {@code 15s}; ascending
   */
  public record Classes(List<String> names, List<String> bounds) {
    public Classes {
      names = List.copyOf(needed("classes: names", names));
      bounds = List.copyOf(needed("classes: bounds", bounds));
      scaleOf(names, bounds);
    }

    private static ComplexityScale scaleOf(List<String> names, List<String> bounds) {
      return new ComplexityScale(
          names, bounds.stream().map(Classes::duration).toList(), ComplexityScale.Measure.RUN_TIME);
    }

    private static Duration duration(String text) {
      try {
        return Duration.parse(
            "P" + (text.endsWith("d") ? "" : "T") + text.toUpperCase(Locale.ROOT));
      } catch (DateTimeException e) {
        throw new IllegalArgumentException(
            "%s is no duration such as 15s, 10m, 2h or 1d".formatted(text), e);
      }
    }
  }

  /**
   * Equal nodes, named {@code name-1}, {@code name-2} and so on.
   *
   * @param count how many; null: 1
   * @param pool null: {@code csv}
   */
  public record Nodes(
      String name,
      @Nullable Integer count,
      String pool,
      Resources capacity,
      @Nullable String gpuModel) {
    public Nodes {
      name = needed("nodes: name", name);
      pool = pool == null ? "csv" : pool;
      capacity = needed("nodes: capacity", capacity);
      if (count != null && count < 1) {
        throw new IllegalArgumentException("nodes %s: count is %d".formatted(name, count));
      }
    }

    Stream<TraceNode> each() {
      return Stream.iterate(1, i -> i + 1)
          .limit(count == null ? 1 : count)
          .map(i -> TraceNode.of(name + "-" + i, pool, capacity, gpuModel));
    }
  }

  /**
   * Reads a mapping.
   *
   * @throws YamlException if it is none; the message names the file, the place and the reason
   * @throws IOException if the file cannot be read
   */
  public static CsvMapping read(Path file) throws IOException {
    return YamlRecords.read(file, CsvMapping.class);
  }

  /** The same from text; {@code name} is for messages. */
  public static CsvMapping parse(String name, String yaml) throws YamlException {
    return YamlRecords.parse(name, yaml, CsvMapping.class);
  }

  /** The classes that the mapping names; null: none. */
  @JsonIgnore
  public @Nullable ComplexityScale scale() {
    return classes == null ? null : Classes.scaleOf(classes.names, classes.bounds);
  }

  char separator() {
    return delimiter == null ? ',' : delimiter.equals("tab") ? '\t' : delimiter.charAt(0);
  }

  /**
   * Refuses a table without the columns that this speaks of.
   *
   * @throws IllegalArgumentException naming the first that is missing
   */
  void check(List<String> named) {
    where.forEach(condition -> CsvColumn.of(condition.column).check(named));
    Stream.concat(task.fields(), outcome.fields())
        .forEach(
            column -> {
              if (column != null) {
                column.check(named);
              }
            });
  }

  private static <T> T needed(String key, @Nullable T value) {
    if (value == null) {
      throw new IllegalArgumentException(key + " is missing");
    }
    return value;
  }
}
