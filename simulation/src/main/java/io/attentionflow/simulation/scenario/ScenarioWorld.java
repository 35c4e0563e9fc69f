package io.attentionflow.simulation.scenario;

import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.simulation.cluster.SimulatedAgents;
import io.attentionflow.simulation.scenario.Scenario.Estimate;
import io.attentionflow.simulation.scenario.Scenario.Failures;
import io.attentionflow.simulation.scenario.Scenario.TaskType;
import io.attentionflow.simulation.scenario.Scenario.Tenant;
import io.attentionflow.simulation.scenario.Scenario.Variant;
import io.attentionflow.simulation.scenario.Scenario.VariantBy;
import io.attentionflow.simulation.trace.LineCount;
import io.attentionflow.simulation.trace.TaskTruth;
import io.attentionflow.simulation.trace.TaskTruth.End;
import io.attentionflow.simulation.trace.Trace;
import io.attentionflow.simulation.trace.TraceTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tasks of a {@link Scenario}, one after the other, for ever.
 *
 * <p>The same scenario, seed and pace give the same tasks. Every task type and every pair of tenant
 * and type draws from a generator of its own, so that adding a type leaves the others as they were.
 * Reads no clock. Not thread-safe.
 *
 * <h2>Two times</h2>
 *
 * The simulated world has a clock of its own, on which an hour of work takes an hour. Event time is
 * what goes into events and what a broker's clock is compared with. The world runs at {@link
 * Pace#speedup()} times event time: at 600, tasks come 600 times as often, a task that works for an
 * hour occupies its node for six seconds of event time, and the hour of the day passes in six
 * seconds too. So the load of the nodes is the same at any speedup. What is said <em>about</em> run
 * times stays in the simulated world's time: the submitter's estimate, the truth, and the duration
 * that agents report. Submission times and deadlines are event times.
 */
public final class ScenarioWorld {

  private static final long[] ROUND_MINUTES = {
    1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1080, 1440, 2880, 4320, 10080
  };

  private final Scenario scenario;
  private final long seed;
  private final Pace pace;
  private final List<Source> sources = new ArrayList<>();
  private long made;

  /**
   * A world that begins at {@code pace.start()}.
   *
   * @param seed decides about everything that is drawn, hidden traits of tenants among it
   */
  public ScenarioWorld(Scenario scenario, long seed, Pace pace) {
    this.scenario = scenario;
    this.seed = seed;
    this.pace = pace;
    for (TaskType type : scenario.taskTypes()) {
      sources.add(new Source(type));
    }
  }

  /**
   * How fast a world runs, and from when.
   *
   * @param start event time at which it begins
   * @param rate multiplies how often tasks come, above 0; beyond what the scenario's nodes carry,
   *     queues grow
   * @param speedup how many times faster than event time the simulated world runs, above 0
   */
  public record Pace(Instant start, double rate, double speedup) {
    public Pace {
      if (!(rate > 0 && rate < 1e9) || !(speedup > 0 && speedup < 1e9)) {
        throw new IllegalArgumentException("rate %s, speedup %s".formatted(rate, speedup));
      }
    }

    /** The simulated world's own pace, from 1970 on. */
    public static Pace natural() {
      return new Pace(Instant.EPOCH, 1, 1);
    }

    /** Event time that a span of the simulated world's time takes. */
    public Duration eventTime(double simulatedSeconds) {
      return Duration.ofMillis(Math.round(simulatedSeconds * 1000 / speedup));
    }
  }

  /**
   * A task, and what one who knows everything but chance knows of its run time: it is log-normal.
   *
   * @param medianSeconds its median
   * @param spread standard deviation of its logarithm
   */
  public record Arrival(TraceTask task, double medianSeconds, double spread) {

    /**
     * The most probable class of its run time, for one who knows everything but chance: no model
     * can be right more often in the long run.
     *
     * @param boundariesSeconds upper ends of all classes but the last, ascending
     */
    public int bestClass(double... boundariesSeconds) {
      double[] probabilities = classes(boundariesSeconds);
      int best = 0;
      for (int i = 1; i < probabilities.length; i++) {
        if (probabilities[i] > probabilities[best]) {
          best = i;
        }
      }
      return best;
    }

    /**
     * The probability of each class of its run time, for one who knows everything but chance: no
     * model can have less log loss in the long run.
     *
     * @param boundariesSeconds upper ends of all classes but the last, ascending
     */
    public double[] classes(double... boundariesSeconds) {
      double[] probabilities = new double[boundariesSeconds.length + 1];
      double below = 0;
      for (int i = 0; i < probabilities.length; i++) {
        double upTo = i == boundariesSeconds.length ? 1 : probabilityBelow(boundariesSeconds[i]);
        probabilities[i] = upTo - below;
        below = upTo;
      }
      return probabilities;
    }

    private double probabilityBelow(double seconds) {
      double distance = StrictMath.log(seconds / medianSeconds);
      return spread == 0 ? (distance >= 0 ? 1 : 0) : normalBelow(distance / spread);
    }

    /**
     * The standard normal distribution function, by its series (M. Abramowitz and I. A. Stegun,
     * Handbook of Mathematical Functions, 1964, 26.2.11).
     */
    private static double normalBelow(double z) {
      if (z < -8) {
        return 0;
      }
      if (z > 8) {
        return 1;
      }
      double term = z;
      double sum = z;
      for (int i = 3; Math.abs(term) > 1e-17; i += 2) {
        term *= z * z / i;
        sum += term;
      }
      return 0.5 + sum * StrictMath.exp(-z * z / 2) / StrictMath.sqrt(2 * Math.PI);
    }
  }

  /** The next task, in order of submission. */
  public Arrival next() {
    Source first = sources.get(0);
    for (Source source : sources) {
      if (source.nextSeconds < first.nextSeconds) {
        first = source;
      }
    }
    return first.next();
  }

  /**
   * How the agents of its nodes behave.
   *
   * @param heartbeatInterval event time between two heartbeats of a node; zero: none
   * @param startDelay event time from command to start
   */
  public SimulatedAgents.Settings agents(Duration heartbeatInterval, Duration startDelay) {
    Failures failures = scenario.failures();
    return new SimulatedAgents.Settings(
        heartbeatInterval,
        startDelay,
        pace.speedup(),
        true,
        failures.nodeLossesPerDay() == 0
            ? Duration.ZERO
            : pace.eventTime(86_400 / failures.nodeLossesPerDay()),
        pace.eventTime(failures.nodeDownMinutes() * 60),
        seed);
  }

  /** Its next tasks as a trace on its nodes. */
  public Trace trace(int tasks) {
    List<TraceTask> made = new ArrayList<>(tasks);
    for (int i = 0; i < tasks; i++) {
      made.add(next().task());
    }
    return new Trace(
        "%s, seed %d: %d tasks".formatted(scenario.name(), seed, tasks),
        made,
        scenario.cluster(),
        EnumSet.allOf(Trace.Dimension.class),
        true,
        LineCount.NONE);
  }

  private SplittableRandom generator(String purpose) {
    long mixed = seed;
    for (int i = 0; i < purpose.length(); i++) {
      mixed = (mixed ^ purpose.charAt(i)) * 0x9E3779B97F4A7C15L;
      mixed ^= mixed >>> 32;
    }
    return new SplittableRandom(mixed);
  }

  /** Where tasks of one type come from. */
  private final class Source {
    private final TaskType type;
    private final SplittableRandom random;
    private final List<Tenant> tenants;
    private final Map<String, Habit> habits = new HashMap<>();
    private final double mostPerSecond;
    private final double meanWeight;
    private final double mostWeight;
    private double nextSeconds;

    Source(TaskType type) {
      this.type = type;
      this.random = generator("type " + type.name());
      this.tenants =
          scenario.tenants().stream()
              .filter(tenant -> type.tenants().isEmpty() || type.tenants().contains(tenant.name()))
              .toList();
      this.meanWeight = type.byHour().stream().mapToDouble(Double::doubleValue).average().orElse(1);
      this.mostWeight = type.byHour().stream().mapToDouble(Double::doubleValue).max().orElse(1);
      this.mostPerSecond = type.perHour() / 3600 * pace.rate() * mostWeight / meanWeight;
      advance();
    }

    /** To the next arrival: a Poisson process whose rate follows the hour, by thinning. */
    private void advance() {
      do {
        nextSeconds -= StrictMath.log(1 - random.nextDouble()) / mostPerSecond;
      } while (random.nextDouble() * mostWeight >= weight(nextSeconds));
    }

    private double weight(double seconds) {
      if (type.byHour().isEmpty()) {
        return 1;
      }
      return type.byHour().get((int) ((scenario.startHour() + (long) (seconds / 3600)) % 24));
    }

    Arrival next() {
      Instant submittedAt = pace.start().plus(pace.eventTime(nextSeconds));
      advance();
      Tenant tenant = draw(tenants, Tenant::share, random);
      Habit habit =
          habits.computeIfAbsent(tenant.name(), name -> new Habit(type, generatorOf(name)));
      Variant variant = habit.variant(random);
      double input = variant.inputMib() * bell(variant.inputSpread(), random);
      double median =
          variant.medianSeconds()
              * habit.speed
              * (variant.inputMib() == 0
                  ? 1
                  : StrictMath.pow(input / variant.inputMib(), variant.inputExponent()));
      TaskTruth truth = truth(variant, median);
      made++;
      TaskRequest request =
          new TaskRequest(
              "%s-%d-%d".formatted(scenario.name(), seed, made),
              tenant.name(),
              type.name(),
              submittedAt,
              variant.request(),
              estimate(median),
              type.priority(),
              type.qos(),
              deadline(submittedAt, median),
              1,
              1,
              type.gpuModels());
      TreeMap<String, String> attributes = new TreeMap<>(type.attributes());
      if (type.variantVisible()) {
        attributes.put("variant", variant.name());
      }
      TraceTask task =
          new TraceTask(
              scenario.pool(), request, Math.round(input * 1024 * 1024), attributes, null, truth);
      return new Arrival(task, median, variant.spread());
    }

    private SplittableRandom generatorOf(String tenant) {
      return generator("habit " + type.name() + "/" + tenant);
    }

    private TaskTruth truth(Variant variant, double median) {
      Failures failures = scenario.failures();
      double seconds = median * bell(variant.spread(), random);
      double fate = random.nextDouble();
      double wayGone = random.nextDouble();
      double memory = Math.min(0.98, variant.memoryUse() * bell(0.15, random));
      End end = End.SUCCEEDED;
      if (fate < failures.taskShare()) {
        end = End.FAILED;
        seconds *= wayGone;
      } else if (fate < failures.taskShare() + failures.outOfMemoryShare()) {
        // It ends well on a node that gives it this much; agents stop it where it gets less.
        memory = 1.1 + wayGone;
      }
      Resources asked = variant.request();
      Resources peak =
          new Resources(
              Math.round(asked.cpuMillis() * variant.cpuUse()),
              Math.round(asked.memoryMib() * memory),
              asked.gpuCount(),
              asked.gpuMillis(),
              asked.ioMibps());
      Resources mean =
          new Resources(
              Math.round(asked.cpuMillis() * variant.cpuUse() * 0.8),
              Math.round(asked.memoryMib() * memory * 0.9),
              asked.gpuCount(),
              asked.gpuMillis(),
              asked.ioMibps() / 2);
      return new TaskTruth(Math.max(1, Math.round(seconds * 1000)), end, peak, mean, null);
    }

    private @Nullable Duration estimate(double median) {
      Estimate estimate = type.estimate();
      if (estimate == null || random.nextDouble() >= estimate.share()) {
        return null;
      }
      double minutes = median / 60 * estimate.factor() * bell(estimate.spread(), random);
      for (long round : ROUND_MINUTES) {
        if (minutes <= round) {
          return Duration.ofMinutes(round);
        }
      }
      return Duration.ofDays((long) Math.ceil(minutes / 1440));
    }

    private @Nullable Instant deadline(Instant submittedAt, double median) {
      Double factor = type.deadlineFactor();
      return factor == null ? null : submittedAt.plus(pace.eventTime(median * factor));
    }
  }

  /** What a tenant does with a type of task: hidden, and the same for a while. */
  private static final class Habit {
    private final TaskType type;
    private final SplittableRandom random;
    private final double speed;
    private Variant current;
    private long left;

    Habit(TaskType type, SplittableRandom random) {
      this.type = type;
      this.random = random;
      this.speed = bell(type.tenantSpread(), random);
      this.current = draw(type.variants(), Variant::share, random);
      this.left = campaign();
    }

    /** Tasks in a campaign: geometric, so that its end cannot be foreseen. */
    private long campaign() {
      if (type.variantBy() != VariantBy.CAMPAIGN) {
        return Long.MAX_VALUE;
      }
      double goOn = 1 - 1 / type.campaignTasks();
      return goOn == 0
          ? 1
          : 1 + (long) (StrictMath.log(1 - random.nextDouble()) / StrictMath.log(goOn));
    }

    Variant variant(SplittableRandom ofTask) {
      if (type.variantBy() == VariantBy.TASK) {
        return draw(type.variants(), Variant::share, ofTask);
      }
      if (left == 0) {
        current = draw(type.variants(), Variant::share, random);
        left = campaign();
      }
      left--;
      return current;
    }
  }

  /** A log-normal factor with median 1. */
  private static double bell(double spread, SplittableRandom random) {
    return StrictMath.exp(spread * random.nextGaussian());
  }

  private interface Share<T> {
    double of(T choice);
  }

  private static <T> T draw(List<T> choices, Share<T> share, SplittableRandom random) {
    double total = 0;
    for (T choice : choices) {
      total += share.of(choice);
    }
    double left = random.nextDouble() * total;
    for (T choice : choices) {
      left -= share.of(choice);
      if (left < 0) {
        return choice;
      }
    }
    return choices.get(choices.size() - 1);
  }
}
