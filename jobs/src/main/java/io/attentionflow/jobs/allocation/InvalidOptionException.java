package io.attentionflow.jobs.allocation;

/** An option has an unknown name or a value that is not allowed. Its message is for the user. */
public final class InvalidOptionException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  private final String key;

  InvalidOptionException(String key, String problem) {
    super(key + ": " + problem);
    this.key = key;
  }

  /** The option, as in config/pipeline.yaml. */
  public String key() {
    return key;
  }
}
