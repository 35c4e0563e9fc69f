package io.attentionflow.simulation.trace;

import java.io.IOException;

/** A file is not of the format it was said to be. */
public final class TraceFormatException extends IOException {
  public TraceFormatException(String message) {
    super(message);
  }
}
