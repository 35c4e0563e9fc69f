package io.attentionflow.launcher;

/**
 * A command cannot do what it was asked to, and knows why. Its message is for the person who typed
 * it, and says what to do; nobody is helped by a stack trace.
 */
public final class Failure extends RuntimeException {

  private final String advice;

  public Failure(String advice) {
    super(advice);
    this.advice = advice;
  }

  public Failure(String advice, Throwable cause) {
    super(advice, cause);
    this.advice = advice;
  }

  /** What is wrong and what to do. */
  public String advice() {
    return advice;
  }
}
