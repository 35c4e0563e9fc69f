package io.attentionflow.jobs.allocation;

/** An option has an unknown name or a value that is not allowed. Its message is for the user. */
public final class InvalidOptionException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  private final String key;

  InvalidOptionException(String key, String problem) {
    super(key + ": " + problem);
    this.key = key;
  }

  /** The same, where the option was set as this variable of the environment. */
  InvalidOptionException setAs(String variable) {
    String problem = String.valueOf(getMessage()).substring(key.length() + 2);
    return new InvalidOptionException(
        key, "%s (set as %s in the environment)".formatted(problem, variable));
  }

  /** The option, as in config/pipeline.yaml. */
  public String key() {
    return key;
  }
}
