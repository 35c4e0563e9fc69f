package io.attentionflow.allocation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives a task what its like use, instead of what it requests.
 *
 * <p>CPU and memory are cut to what 95 in 100 of its like do not exceed at their peak, times 1 +
 * {@code h}; never above the request, and never below a part of it. Headroom {@code h} grows with
 * all that makes the quantile doubtful:
 *
 * <pre>
 * h = headroom + perUncertainty * u + perDrift * d + perOutOfMemory * n
 * </pre>
 *
 * <p>with {@code u} one less the probability of the most probable class (1: no model yet), {@code
 * d} how fresh the last drift is (0 to 1), and {@code n} how often the task ran out of memory. That
 * others of its tenant and type did is in the quantile, which rises at once.
 *
 * <p>The idea is Autopilot's (K. Rzadca et al., "Autopilot: workload autoscaling at Google scale",
 * EuroSys 2020): limits from decayed quantiles of usage, raised fast and lowered slowly. Differs in
 * that a task is sized once, when it arrives, from what others of its kind used; and in what the
 * headroom depends on.
 *
 * <p>A task that ran out of memory gets twice as much and at least its request, up to the largest
 * node that could take it: always if it had less than its request, else for {@code
 * outOfMemoryRetries} times.
 *
 * @param headroom above the quantile at least, as a part of it; from 0 to {@link #MOST_HEADROOM},
 *     like those that follow
 * @param perUncertainty times {@code u}
 * @param perDrift times {@code d}
 * @param perOutOfMemory times {@code n}
 * @param floor the least part of the request that is given, 0 to 1
 * @param outOfMemoryRetries how often a task that ran out of at least what it requests is tried
 *     again with more, at least 0
 */
public record RightSizing(
    Mode mode,
    double headroom,
    double perUncertainty,
    double perDrift,
    double perOutOfMemory,
    double floor,
    int outOfMemoryRetries) {

  /** No part of the headroom is more times the quantile. */
  public static final double MOST_HEADROOM = 1000;

  /** Whether requests are cut. */
  public enum Mode {
    /** No. */
    OFF,
    /** No; but decisions say what they would be cut to. */
    SHADOW,
    /** Yes. */
    ON
  }

  public RightSizing {
    checkHeadroom(headroom);
    checkHeadroom(perUncertainty);
    checkHeadroom(perDrift);
    checkHeadroom(perOutOfMemory);
    if (!(floor >= 0 && floor <= 1)) {
      throw new IllegalArgumentException("floor is %s".formatted(floor));
    }
    if (outOfMemoryRetries < 0) {
      throw new IllegalArgumentException("outOfMemoryRetries is %d".formatted(outOfMemoryRetries));
    }
  }

  private static void checkHeadroom(double headroom) {
    if (!(headroom >= 0 && headroom <= MOST_HEADROOM)) {
      throw new IllegalArgumentException("headroom is %s".formatted(headroom));
    }
  }

  /** Decides and records, and gives what is requested. */
  public static RightSizing defaults() {
    return new RightSizing(Mode.SHADOW, 0.15, 0.5, 0.5, 0.5, 0.1, 2);
  }

  public RightSizing withMode(Mode newMode) {
    return new RightSizing(
        newMode, headroom, perUncertainty, perDrift, perOutOfMemory, floor, outOfMemoryRetries);
  }

  /** What a task is to get. */
  TaskSize size(TaskRequest task, Prediction prediction, TaskSize before) {
    Resources request = task.request();
    Resources quantile = prediction.usageP95();
    Sizing sizing;
    Resources sized;
    if (mode == Mode.OFF || task.maxShards() > 1 || quantile == null) {
      sizing =
          mode == Mode.OFF
              ? Sizing.OFF
              : task.maxShards() > 1 ? Sizing.DIVISIBLE : Sizing.NOT_ENOUGH_HISTORY;
      sized = null;
    } else {
      sized = cut(request, quantile, 1 + headroom(prediction, before.outOfMemories()));
      sizing = sized.equals(request) ? Sizing.AS_REQUESTED : Sizing.CUT;
    }
    Resources given = mode == Mode.ON && sized != null ? sized : request;
    if (before.leastMemoryMib() > given.memoryMib()) {
      given = withMemory(given, before.leastMemoryMib());
      sizing = Sizing.RAISED;
    }
    if (sized != null && before.leastMemoryMib() > sized.memoryMib()) {
      sized = withMemory(sized, before.leastMemoryMib());
      sizing = Sizing.RAISED;
    }
    return new TaskSize(
        given,
        sizing,
        sized,
        before.outOfMemories(),
        before.leastMemoryMib(),
        before.cutOutOfMemories());
  }

  /**
   * Headroom of a task, {@code h}.
   *
   * @param outOfMemories how often it ran out of memory
   * @return at least 0
   */
  public double headroom(Prediction prediction, int outOfMemories) {
    return headroom
        + perUncertainty * uncertainty(prediction.probabilities())
        + perDrift * prediction.drift()
        + perOutOfMemory * outOfMemories;
  }

  private static double uncertainty(List<Double> probabilities) {
    double largest = 0;
    for (double probability : probabilities) {
      largest = Math.max(largest, probability);
    }
    return Math.max(0, 1 - largest);
  }

  private Resources cut(Resources request, Resources quantile, double factor) {
    long cpu = cut(request.cpuMillis(), quantile.cpuMillis(), factor);
    long memory = cut(request.memoryMib(), quantile.memoryMib(), factor);
    return cpu == request.cpuMillis() && memory == request.memoryMib()
        ? request
        : new Resources(cpu, memory, request.gpuCount(), request.gpuMillis(), request.ioMibps());
  }

  /** What nobody was seen to use was not measured, and is not cut. */
  private long cut(long request, long quantile, double factor) {
    if (quantile <= 0) {
      return request;
    }
    double enough = Math.max(quantile * factor, request * floor);
    return enough >= request ? request : (long) Math.ceil(enough);
  }

  private static Resources withMemory(Resources resources, long memoryMib) {
    return new Resources(
        resources.cpuMillis(),
        memoryMib,
        resources.gpuCount(),
        resources.gpuMillis(),
        resources.ioMibps());
  }

  /**
   * How much memory a shard gets that ran out of what it had.
   *
   * @param given to it until now, MiB
   * @param requested its part of the request, MiB
   * @param most what the largest node has that could take it, MiB
   * @param outOfMemories how often the task ran out of its request, or more, before: what it ran
   *     out of that it was cut to does not count
   * @return MiB; null: no more can be given, or it is tried no more
   */
  @Nullable Long raised(long given, long requested, long most, int outOfMemories) {
    boolean again = given < requested || outOfMemories < outOfMemoryRetries;
    if (!again || given == 0 || most <= given) {
      return null;
    }
    long twice = given > most / 2 ? most : given * 2;
    return Math.min(most, Math.max(twice, requested));
  }
}
