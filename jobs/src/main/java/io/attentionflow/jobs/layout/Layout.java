package io.attentionflow.jobs.layout;

import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * How a value lies in bytes: written in the newest version, read in any that was ever released.
 *
 * <p>An implementation is an enum with one constant. State knows it by its class name, so the name
 * of one that is used in state is for ever.
 *
 * <p>Values are immutable unless {@link #copy} says otherwise; they are then handed on and kept
 * without being copied.
 */
public interface Layout<T> extends Serializable {

  /** What it lays out. */
  Class<T> type();

  /** The version that {@link #write} writes, from 1. */
  int version();

  void write(T value, DataOutputView out) throws IOException;

  /**
   * Reads what {@link #write} of that version wrote.
   *
   * @param version from 1 to {@link #version()}
   */
  T read(int version, DataInputView in) throws IOException;

  /** Whether values never change, so that {@link #copy} may give the value itself. */
  default boolean immutable() {
    return true;
  }

  /** A value of its own, which shares nothing that can change. */
  default T copy(T value) {
    return value;
  }
}
