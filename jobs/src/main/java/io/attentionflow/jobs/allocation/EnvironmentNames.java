package io.attentionflow.jobs.allocation;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * What options are called in the environment, where names have neither dots nor hyphens: in upper
 * case, with an underscore for each character that is neither a letter nor a digit.
 *
 * <p>Several keys have the same name there ({@code a.b} and {@code a-b}), so that the way back goes
 * through the keys that are known. What is passed on to others may be known to nobody here; then a
 * dot is {@code _}, a hyphen {@code __} and an underscore {@code ___}, as with Confluent's images
 * of Kafka.
 */
final class EnvironmentNames {

  /** Begins what is ours. */
  static final String PREFIX = "ATTENTIONFLOW_";

  private EnvironmentNames() {}

  /** What this option is called. */
  static String variable(String key) {
    return PREFIX + key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }

  /**
   * The option that a variable means.
   *
   * @param prefix of the option, with its dot; the variable begins with what this is called
   * @param known options, without the prefix
   * @throws InvalidOptionException if it may mean several; it names the variable
   */
  static String key(String prefix, String variable, Collection<String> known) {
    List<String> meant =
        known.stream()
            .filter(option -> variable(prefix + option).equals(variable))
            .sorted()
            .toList();
    if (meant.size() > 1) {
      throw new InvalidOptionException(
          variable,
          "may mean %s of %s; say which in a file, or on the command line"
              .formatted(String.join(" or ", meant), prefix));
    }
    return prefix
        + (meant.isEmpty() ? spelt(variable.substring(variable(prefix).length())) : meant.get(0));
  }

  private static String spelt(String name) {
    return name.toLowerCase(Locale.ROOT)
        .replaceAll("(?<!_)___(?!_)", "\0")
        .replace("__", "-")
        .replace('_', '.')
        .replace('\0', '_');
  }
}
