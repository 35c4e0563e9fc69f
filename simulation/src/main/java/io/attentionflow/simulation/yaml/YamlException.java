package io.attentionflow.simulation.yaml;

import java.io.IOException;

/** A file does not say what it should; the message names the file, the place and the reason. */
public final class YamlException extends IOException {
  public YamlException(String message) {
    super(message);
  }
}
