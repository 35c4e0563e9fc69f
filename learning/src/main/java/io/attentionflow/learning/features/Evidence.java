package io.attentionflow.learning.features;

/**
 * Codes a decayed count as one byte, finely where counts are small.
 *
 * <p>A count c from 0 to {@value #LARGEST} becomes round(255 · log(1 + c) / log(1 + {@value
 * #LARGEST})): exact at 0, within 1 % of 1 + c elsewhere.
 */
public final class Evidence {

  /** Counts above it are coded as it. */
  public static final double LARGEST = 110;

  private static final double SCALE = 255 / StrictMath.log1p(LARGEST);
  private static final float[] COUNTS = counts();

  private Evidence() {}

  /** Codes a count, not negative. */
  public static byte encode(double count) {
    return (byte) Math.min(255, Math.round(SCALE * StrictMath.log1p(count)));
  }

  /** The count that a byte stands for. */
  public static float decode(byte code) {
    return COUNTS[code & 0xff];
  }

  private static float[] counts() {
    float[] counts = new float[256];
    for (int code = 0; code < counts.length; code++) {
      counts[code] = (float) StrictMath.expm1(code / SCALE);
    }
    return counts;
  }
}
