package io.attentionflow.simulation.trace;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the value of one field comes from: a column of a table, or a constant. In YAML, a text
 * alone is the name of a column.
 *
 * @param column name of the column; null: a constant
 * @param constant the value, the same for every row; null: a column
 * @param values what to take for a text of the column, such as {@code SUCCEED: SUCCEEDED}; a text
 *     that is not among them is taken as it is, or as {@code otherwise}
 * @param otherwise what to take for a text that is not among {@code values}; null: the text itself
 * @param times what a number is multiplied by; null: 1
 * @param unit of a duration or a time since 1970: {@code us}, {@code ms}, {@code s}, {@code m},
 *     {@code h} or {@code d}; of memory or a size: {@code bytes}, {@code KiB}, {@code MiB} or
 *     {@code GiB}; null: seconds, MiB of memory, bytes of input
 * @param pattern how a time is written, as {@link DateTimeFormatter} has it, or {@code iso}; null:
 *     a number since 1970 in {@code unit}
 * @param zone the time zone of a time that names none, such as {@code UTC}; null: UTC
 */
public record CsvColumn(
    @Nullable String column,
    @Nullable String constant,
    Map<String, String> values,
    @Nullable String otherwise,
    @Nullable Double times,
    @Nullable String unit,
    @Nullable String pattern,
    @Nullable String zone) {

  /** Thirty thousand years in milliseconds, and a number that sums of a long stay far from. */
  private static final double LARGEST = 1e15;

  private static final Map<String, DateTimeFormatter> FORMATS = new ConcurrentHashMap<>();

  private static final Map<String, Double> MILLIS =
      Map.of("us", 1e-3, "ms", 1.0, "s", 1e3, "m", 6e4, "h", 3.6e6, "d", 8.64e7);
  private static final Map<String, Double> BYTES =
      Map.of("bytes", 1.0, "KiB", 1024.0, "MiB", 1048576.0, "GiB", 1073741824.0);

  @JsonCreator
  public CsvColumn {
    if ((column == null) == (constant == null)) {
      throw new IllegalArgumentException("a field needs either a column or a constant");
    }
    values = values == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(values));
    if (unit != null && !MILLIS.containsKey(unit) && !BYTES.containsKey(unit)) {
      throw new IllegalArgumentException(
          "there is no unit %s; there are: us, ms, s, m, h, d, bytes, KiB, MiB, GiB"
              .formatted(unit));
    }
    if (times != null && !(times > 0 && times <= LARGEST)) {
      throw new IllegalArgumentException("times is %s; above 0, please".formatted(times));
    }
    if (pattern != null && unit != null) {
      throw new IllegalArgumentException("a pattern has no unit");
    }
    zoneOf(zone);
    if (pattern != null && !pattern.equals("iso")) {
      format(pattern);
    }
  }

  /** A column as it is. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static CsvColumn of(String column) {
    return new CsvColumn(column, null, Map.of(), null, null, null, null, null);
  }

  /** The same value for every row. */
  static CsvColumn always(String constant) {
    return new CsvColumn(null, constant, Map.of(), null, null, null, null, null);
  }

  /** The value in a row; null: the cell is empty. */
  @Nullable String text(CsvRow row) {
    if (constant != null) {
      return constant;
    }
    String text = row.cell(name());
    if (values.containsKey(text)) {
      return values.get(text);
    }
    if (otherwise != null) {
      return otherwise;
    }
    return text.isEmpty() ? null : text;
  }

  private String name() {
    return column == null ? "the constant" : column;
  }

  /** The number in a row, multiplied; null: the cell is empty. */
  @Nullable Double number(CsvRow row) {
    String text = text(row);
    if (text == null) {
      return null;
    }
    double number;
    try {
      number = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("%s is no number: %s".formatted(name(), text), e);
    }
    double scaled = times == null ? number : number * times;
    if (!(Math.abs(scaled) <= LARGEST)) {
      throw new IllegalArgumentException("%s is out of range: %s".formatted(name(), text));
    }
    return scaled;
  }

  /** The same, not negative and rounded. */
  @Nullable Long amount(CsvRow row) {
    return rounded(number(row));
  }

  /** A duration in milliseconds. */
  @Nullable Long millis(CsvRow row) {
    return rounded(in(MILLIS, "s", "ms", row));
  }

  /** Memory in MiB, or a size in bytes, as {@code target} says. */
  @Nullable Long size(CsvRow row, String target) {
    return rounded(in(BYTES, target, target, row));
  }

  private @Nullable Double in(
      Map<String, Double> units, String otherwiseUnit, String target, CsvRow row) {
    Double number = number(row);
    if (number == null) {
      return null;
    }
    Double factor = units.get(unit == null ? otherwiseUnit : unit);
    if (factor == null) {
      throw new IllegalArgumentException("%s is not in %s".formatted(name(), unit));
    }
    double converted = number * factor / units.getOrDefault(target, 1.0);
    if (!(Math.abs(converted) <= LARGEST)) {
      throw new IllegalArgumentException("%s is out of range: %s".formatted(name(), number));
    }
    return converted;
  }

  private @Nullable Long rounded(@Nullable Double number) {
    if (number == null) {
      return null;
    }
    if (number < 0) {
      throw new IllegalArgumentException("%s is negative: %s".formatted(name(), number));
    }
    return Math.round(number);
  }

  /** A time; null: the cell is empty. */
  @Nullable Instant time(CsvRow row) {
    if (pattern == null) {
      Long millis = millis(row);
      return millis == null ? null : Instant.ofEpochMilli(millis);
    }
    String text = text(row);
    if (text == null) {
      return null;
    }
    try {
      Instant time = pattern.equals("iso") ? iso(text) : written(text);
      if (time.isBefore(Instant.EPOCH) || time.toEpochMilli() > LARGEST) {
        throw new IllegalArgumentException("%s is out of range: %s".formatted(name(), text));
      }
      return time;
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "%s is no time as in %s: %s".formatted(name(), pattern, text), e);
    }
  }

  private Instant iso(String text) {
    boolean zoned = text.endsWith("Z") || text.matches(".*[+-]\\d\\d:?\\d\\d");
    return zoned
        ? DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from)
        : LocalDateTime.parse(text).atZone(zoneId()).toInstant();
  }

  private Instant written(String text) {
    return format(String.valueOf(pattern)).withZone(zoneId()).parse(text, Instant::from);
  }

  private static DateTimeFormatter format(String pattern) {
    try {
      return FORMATS.computeIfAbsent(
          pattern, written -> DateTimeFormatter.ofPattern(written, Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s is no pattern of a time: %s".formatted(pattern, e.getMessage()), e);
    }
  }

  private ZoneId zoneId() {
    return zoneOf(zone);
  }

  private static ZoneId zoneOf(@Nullable String zone) {
    try {
      return zone == null ? ZoneOffset.UTC : ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("there is no time zone " + zone, e);
    }
  }

  /**
   * Refuses a column that a table does not have.
   *
   * @throws IllegalArgumentException if it has none of that name; the message lists those there are
   */
  void check(List<String> columns) {
    if (column != null && !columns.contains(column)) {
      throw new IllegalArgumentException(
          "there is no column %s; there are: %s".formatted(column, String.join(", ", columns)));
    }
  }
}
