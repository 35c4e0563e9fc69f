package io.attentionflow.learning.features;

/**
 * Codes a decayed count as one byte, finely where counts are small.
 *
 * <p>A count c from 0 to {@value #LARGEST} becomes round(255 · log(1 + c) / log(1 + {@value
 * #LARGEST})): exact at 0, within 1.2 % of 1 + c elsewhere. Coding looks it up by the first bits of
 * 1 + c, so that it costs no logarithm.
 */
public final class Evidence {

  /** Counts above it are coded as it. */
  public static final double LARGEST = 210;

  private static final double SCALE = 255 / StrictMath.log1p(LARGEST);
  private static final float[] COUNTS = counts();
  private static final int CELL_BITS = 9;
  private static final int MANTISSA_BITS = 23;
  private static final int FIRST_CELL = cell(1);
  private static final byte[] CODES = codes();

  private Evidence() {}

  /** Codes a count, not negative. */
  public static byte encode(float count) {
    return CODES[Math.min(CODES.length - 1, cell(1 + count) - FIRST_CELL)];
  }

  private static int cell(float x) {
    return Float.floatToRawIntBits(x) >>> (MANTISSA_BITS - CELL_BITS);
  }

  /** The count that a byte stands for. */
  public static float decode(byte code) {
    return COUNTS[code & 0xff];
  }

  private static byte[] codes() {
    byte[] codes = new byte[cell((float) LARGEST + 1) - FIRST_CELL + 1];
    for (int i = 0; i < codes.length; i++) {
      float from = Float.intBitsToFloat((FIRST_CELL + i) << (MANTISSA_BITS - CELL_BITS));
      float to = Float.intBitsToFloat((FIRST_CELL + i + 1) << (MANTISSA_BITS - CELL_BITS));
      double middle = (from + to) / 2.0;
      codes[i] = (byte) Math.min(255, Math.round(SCALE * StrictMath.log(middle)));
    }
    return codes;
  }

  private static float[] counts() {
    float[] counts = new float[256];
    for (int code = 0; code < counts.length; code++) {
      counts[code] = (float) StrictMath.expm1(code / SCALE);
    }
    return counts;
  }
}
