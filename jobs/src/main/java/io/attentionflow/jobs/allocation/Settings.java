package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.PoolPolicy;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keys and values as text, and the one place where text becomes a typed value. Every complaint
 * names the key and says what is allowed.
 */
final class Settings {

  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");

  private final SortedMap<String, String> values;
  private final SortedSet<String> read = new TreeSet<>();

  Settings(Map<String, String> values) {
    this.values = new TreeMap<>(values);
  }

  /** Keys that nobody has asked for yet. */
  SortedSet<String> unread() {
    SortedSet<String> unread = new TreeSet<>(values.keySet());
    unread.removeAll(read);
    return unread;
  }

  String text(String key) {
    String value = values.get(key);
    if (value == null) {
      throw new InvalidOptionException(key, "is not set");
    }
    read.add(key);
    return value.strip();
  }

  String nonEmptyText(String key) {
    String value = text(key);
    if (value.isEmpty()) {
      throw new InvalidOptionException(key, "is empty");
    }
    return value;
  }

  /** Not empty, and at most so many characters. */
  String shortText(String key, int most) {
    String value = nonEmptyText(key);
    if (value.length() > most) {
      throw new InvalidOptionException(
          key, "has %d characters; at most %d are allowed".formatted(value.length(), most));
    }
    return value;
  }

  long wholeNumber(String key, long least, long most) {
    String value = text(key);
    try {
      long number = Long.parseLong(value.replace("_", ""));
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Answered below, together with numbers out of range.
    }
    throw new InvalidOptionException(
        key, "'%s' is not a whole number from %d to %d".formatted(value, least, most));
  }

  int smallNumber(String key, int least, int most) {
    return (int) wholeNumber(key, least, most);
  }

  /** Above 0, at most 1. */
  double fraction(String key) {
    String value = text(key);
    try {
      double number = Double.parseDouble(value);
      if (number > 0 && number <= 1) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Answered below, together with numbers out of range.
    }
    throw new InvalidOptionException(
        key, "'%s' is not a number above 0, at most 1".formatted(value));
  }

  /** Any number of a range, not only whole ones. */
  double number(String key, double least, double most) {
    String value = text(key);
    try {
      double number = Double.parseDouble(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Answered below, together with numbers out of range.
    }
    throw new InvalidOptionException(
        key, "'%s' is not a number from %s to %s".formatted(value, least, most));
  }

  /** As YAML has it, also True and TRUE. */
  boolean flag(String key) {
    String value = text(key);
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new InvalidOptionException(key, "'%s' is not true or false".formatted(value));
    };
  }

  /**
   * Such as {@code 250 ms}, {@code 10s}, {@code 5m}, {@code 2h}, {@code 7d}, or ISO-8601; at most
   * {@link PoolPolicy#FOR_EVER}, so that it can be added to any time.
   */
  Duration duration(String key, Duration least) {
    String value = text(key);
    Duration duration = parseDuration(key, value);
    if (duration.compareTo(least) < 0) {
      throw new InvalidOptionException(
          key, "'%s' is shorter than %s".formatted(value, format(least)));
    }
    return duration;
  }

  /** The same, and at most so long. */
  Duration duration(String key, Duration least, Duration most) {
    Duration duration = duration(key, least);
    if (duration.compareTo(most) > 0) {
      throw new InvalidOptionException(
          key, "'%s' is longer than %s".formatted(text(key), format(most)));
    }
    return duration;
  }

  /** One of an enum's constants, written in lower case with hyphens. */
  <E extends Enum<E>> E choice(String key, Class<E> type) {
    String value = text(key);
    List<String> allowed = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      if (format(constant).equals(value.toLowerCase(Locale.ROOT).replace('_', '-'))) {
        return constant;
      }
      allowed.add(format(constant));
    }
    throw new InvalidOptionException(
        key, "'%s' is not one of %s".formatted(value, String.join(", ", allowed)));
  }

  /** Separated by commas, none of them empty; nothing at all: none. */
  List<String> list(String key) {
    String value = text(key);
    if (value.isEmpty()) {
      return List.of();
    }
    List<String> items = Arrays.stream(value.split(",", -1)).map(String::strip).toList();
    if (items.contains("")) {
      throw new InvalidOptionException(key, "one of '%s' is empty".formatted(value));
    }
    return items;
  }

  /** The same, each but once, and of at most so many characters. */
  List<String> names(String key, int most) {
    List<String> names = list(key);
    SortedSet<String> seen = new TreeSet<>();
    for (String name : names) {
      if (name.length() > most) {
        throw new InvalidOptionException(
            key, "one has %d characters; at most %d are allowed".formatted(name.length(), most));
      }
      if (!seen.add(name)) {
        throw new InvalidOptionException(key, "names '%s' twice".formatted(name));
      }
    }
    return names;
  }

  List<Duration> durations(String key) {
    return list(key).stream().map(value -> parseDuration(key, value)).toList();
  }

  /** All that stands below {@code prefix}, without it. */
  SortedMap<String, String> below(String prefix) {
    SortedMap<String, String> below = new TreeMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            below.put(key.substring(prefix.length()), value);
            read.add(key);
          }
        });
    return below;
  }

  static String format(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String format(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0 || millis == 0) {
      return millis + "ms";
    }
    return millis / 1000 + "s";
  }

  private static Duration parseDuration(String key, String value) {
    Duration duration = readDuration(key, value);
    if (duration.compareTo(PoolPolicy.FOR_EVER) > 0) {
      throw new InvalidOptionException(
          key, "'%s' is longer than %d days".formatted(value, PoolPolicy.FOR_EVER.toDays()));
    }
    if (!duration.truncatedTo(ChronoUnit.MILLIS).equals(duration)) {
      throw new InvalidOptionException(key, "'%s' is not in whole milliseconds".formatted(value));
    }
    return duration;
  }

  private static Duration readDuration(String key, String value) {
    Matcher matcher = DURATION.matcher(value);
    try {
      if (matcher.matches()) {
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        };
      }
      return Duration.parse(value);
    } catch (DateTimeParseException | ArithmeticException | NumberFormatException e) {
      throw new InvalidOptionException(
          key, "'%s' is not a duration such as 250ms, 10s, 5m, 2h or 7d".formatted(value));
    }
  }
}
