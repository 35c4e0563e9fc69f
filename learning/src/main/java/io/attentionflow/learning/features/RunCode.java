package io.attentionflow.learning.features;

/**
 * Codes a run time as one byte: {@value #AN_OCTAVE} steps an octave, from a second to a hundred
 * days, so that it is right to 3 %.
 *
 * <p>The default bounds of classes are just below the end of a step, so that a run time is coded
 * into its own class. 0 stands for no run time.
 */
public final class RunCode {

  /** No run time. */
  public static final byte NONE = 0;

  private static final int AN_OCTAVE = 11;
  private static final int LARGEST = 255;
  private static final double LOG_STEP = StrictMath.log(2) / AN_OCTAVE;
  private static final double[] SECONDS = seconds();

  private RunCode() {}

  private static double[] seconds() {
    double[] seconds = new double[LARGEST + 1];
    for (int code = 1; code <= LARGEST; code++) {
      seconds[code] = StrictMath.exp((code - 1.5) * LOG_STEP);
    }
    return seconds;
  }

  /** Codes a run time, not negative. */
  static byte encode(long millis) {
    double steps = StrictMath.log(Math.max(millis, 1000) / 1000.0) / LOG_STEP;
    return (byte) Math.min(LARGEST, 1 + (int) Math.ceil(steps));
  }

  /** A run time that the code stands for, seconds: the middle of its step; of none, 0. */
  public static double seconds(byte code) {
    return SECONDS[code & 0xff];
  }
}
