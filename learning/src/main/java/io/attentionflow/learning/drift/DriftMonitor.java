package io.attentionflow.learning.drift;

import io.attentionflow.learning.features.FeatureVector;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Watches a stream of examples for change: in how often a learner errs, and in a bounded number of
 * its inputs. How far the last change is back is a level, from 1 at once to 0 long after.
 *
 * <pre>
 * steady  -- the error rises, or an input's mean moves --> drifted: level 1, or {@value #OF_INPUT}
 * drifted -- examples come ----------------------------> the level fades
 * drifted -- the same again, within a rest ------------> nothing is told
 * </pre>
 *
 * <p>Source: {@link Adwin} on each. Differs from watching numbers as they are: an input is taken by
 * its deviations from the mean of its first {@value #FRAME} values, cut to three and scaled to 0 to
 * 1, until it changes; then a new frame is taken. A chance of a false alarm is shared by all that
 * is watched. Values of one tenant's batch resemble each other, so an input is taken in means of
 * {@value #TOGETHER}.
 *
 * <p>Takes O(inputs · log examples) memory and less time. Missing values are left out.
 * Deterministic, no clock. Not thread-safe.
 */
public final class DriftMonitor {

  /** Where the level is when an input has moved: the learner may still be right about it. */
  public static final double OF_INPUT = 0.5;

  private static final int FRAME = 512;
  private static final int TOGETHER = 16;
  private static final double FURTHEST = 3;
  private static final int LAYOUT = 1;

  /**
   * When something counts as changed.
   *
   * @param delta chance of a false alarm, of all that is watched together, above 0 and below 1
   * @param inputs how many inputs are watched at most, from the first, at least 0
   * @param fading what is left of the level after one more example, above 0 and below 1
   * @param rest examples for which the same is not told again, at least 0
   */
  public record Settings(double delta, int inputs, double fading, int rest) {

    /** A level that halves in about 700 examples. */
    public static final Settings STANDARD = new Settings(0.002, 8, 0.999, 2_000);

    public Settings {
      if (!(delta > 0 && delta < 1 && fading > 0 && fading < 1) || inputs < 0 || rest < 0) {
        throw new IllegalArgumentException(
            "delta %s, inputs %d, fading %s, rest %d".formatted(delta, inputs, fading, rest));
      }
    }
  }

  /**
   * Something has changed.
   *
   * @param input name of the input that moved; null: the learner errs more
   * @param before mean before: of the error, or of the input in its own unit
   * @param after mean since
   */
  public record Drift(@Nullable String input, double before, double after) {

    /** For people. */
    public String note() {
      return input == null
          ? String.format(
              Locale.ROOT, "errs more: %.1f %% were wrong, now %.1f %%", 100 * before, 100 * after)
          : String.format(Locale.ROOT, "input %s moved from %.4g to %.4g", input, before, after);
    }
  }

  private final Settings settings;
  private final List<String> names;
  private final Adwin error;
  private final Input[] inputs;
  private double level;

  /** Until the error may be told of again. */
  private int errorRests;

  /**
   * One that has seen nothing.
   *
   * @param numbers names of the vector's numbers; the first of them are watched
   */
  public DriftMonitor(List<String> numbers, Settings settings) {
    this.settings = settings;
    names = List.copyOf(numbers.subList(0, Math.min(numbers.size(), settings.inputs)));
    double delta = settings.delta / (names.size() + 1);
    error = new Adwin(delta);
    inputs = new Input[names.size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = new Input(delta);
    }
  }

  /** An input, and how it is brought to 0 to 1. */
  private static final class Input {
    private final Adwin window;
    private long framed;
    private double mean;
    private double squares;
    private double together;
    private int count;
    private int rests;

    Input(double delta) {
      window = new Adwin(delta);
    }

    /** Returns the mean before if it has changed, in deviations of the frame; else NaN. */
    double add(double value) {
      if (framed < FRAME) {
        framed++;
        double apart = value - mean;
        mean += apart / framed;
        squares += apart * (value - mean);
        return Double.NaN;
      }
      double deviations = (value - mean) / deviation();
      together += Math.max(-FURTHEST, Math.min(FURTHEST, deviations));
      count++;
      if (count < TOGETHER) {
        return Double.NaN;
      }
      double before = fromUnit(window.mean());
      double scaled = (together / count + FURTHEST) / (2 * FURTHEST);
      together = 0;
      count = 0;
      // Rounding may leave it a little outside.
      Adwin.Change change = window.add(Math.max(0, Math.min(1, scaled)));
      return change == Adwin.Change.NONE ? Double.NaN : before;
    }

    /** Of what never varied, any other value is far off. */
    double deviation() {
      double found = Math.sqrt(squares / FRAME);
      return found > 0 ? found : Math.max(1e-9, Math.abs(mean) * 1e-9);
    }

    double fromUnit(double unit) {
      return mean + (unit * 2 * FURTHEST - FURTHEST) * deviation();
    }

    void takeNewFrame() {
      window.reset();
      framed = 0;
      mean = 0;
      squares = 0;
      together = 0;
      count = 0;
    }
  }

  /**
   * Takes in one example.
   *
   * @param x its features; not kept
   * @param wrong whether the learner was wrong about it; null: it was not asked
   * @return the first of what has changed that is to be told; null: nothing
   */
  public @Nullable Drift add(FeatureVector x, @Nullable Boolean wrong) {
    level *= settings.fading;
    Drift drift = wrong == null ? null : addError(wrong);
    for (int i = 0; i < inputs.length; i++) {
      double value = x.numbers()[i];
      Drift ofInput = Double.isFinite(value) ? addInput(i, value) : null;
      drift = drift == null ? ofInput : drift;
    }
    return drift;
  }

  private @Nullable Drift addError(boolean wrong) {
    errorRests = Math.max(0, errorRests - 1);
    double before = error.mean();
    if (error.add(wrong ? 1 : 0) != Adwin.Change.ROSE) {
      return null;
    }
    level = 1;
    if (errorRests > 0) {
      return null;
    }
    errorRests = settings.rest;
    return new Drift(null, before, error.mean());
  }

  private @Nullable Drift addInput(int i, double value) {
    Input input = inputs[i];
    input.rests = Math.max(0, input.rests - 1);
    double before = input.add(value);
    if (Double.isNaN(before)) {
      return null;
    }
    double after = input.fromUnit(input.window.mean());
    input.takeNewFrame();
    level = Math.max(level, OF_INPUT);
    if (input.rests > 0) {
      return null;
    }
    input.rests = settings.rest;
    return new Drift(names.get(i), before, after);
  }

  /**
   * How fresh the last change is.
   *
   * @return from 0, long ago or never, to 1, just now
   */
  public double level() {
    return level;
  }

  /** Names of the inputs that are watched. */
  public List<String> inputs() {
    return names;
  }

  /** Writes it, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeByte(LAYOUT);
    out.writeInt(inputs.length);
    out.writeDouble(level);
    out.writeInt(errorRests);
    error.writeTo(out);
    for (Input input : inputs) {
      input.window.writeTo(out);
      out.writeLong(input.framed);
      out.writeDouble(input.mean);
      out.writeDouble(input.squares);
      out.writeDouble(input.together);
      out.writeInt(input.count);
      out.writeInt(input.rests);
    }
  }

  /**
   * Becomes what {@link #writeTo} wrote.
   *
   * @throws IOException if that cannot be right, or is of another number of inputs
   */
  public void readFrom(DataInput in) throws IOException {
    int layout = in.readUnsignedByte();
    int count = in.readInt();
    if (layout != LAYOUT || count != inputs.length) {
      throw new IOException(
          "Layout %d with %d inputs, not %d with %d"
              .formatted(layout, count, LAYOUT, inputs.length));
    }
    level = in.readDouble();
    errorRests = in.readInt();
    error.readFrom(in);
    for (Input input : inputs) {
      input.window.readFrom(in);
      input.framed = in.readLong();
      input.mean = in.readDouble();
      input.squares = in.readDouble();
      input.together = in.readDouble();
      input.count = in.readInt();
      input.rests = in.readInt();
    }
  }
}
