package io.attentionflow.schema.wire;

import io.attentionflow.schema.DeadLetterReason;

/**
 * What became of some bytes: a record, or why not.
 *
 * @param <T> the record
 */
public sealed interface Decoded<T> {

  /** The bytes were a record of the expected kind, and nothing else. */
  record Value<T>(T value) implements Decoded<T> {}

  /**
   * The bytes were not.
   *
   * @param reason one of EMPTY, NOT_SINGLE_OBJECT, UNKNOWN_SCHEMA, WRONG_RECORD and UNDECODABLE
   * @param detail the same for people
   */
  record Failure<T>(DeadLetterReason reason, String detail) implements Decoded<T> {}

  /**
   * The record, where a failure would be a bug: bytes that this process wrote itself.
   *
   * @throws IllegalStateException if there is none
   */
  default T orElseThrow() {
    if (this instanceof Value<T> decoded) {
      return decoded.value();
    }
    if (this instanceof Failure<T> failure) {
      throw new IllegalStateException(failure.reason() + ": " + failure.detail());
    }
    throw new IllegalStateException("No case for " + this);
  }
}
