package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.AttentionPolicy;
import io.attentionflow.allocation.Displaceable;
import io.attentionflow.allocation.MovePolicy;
import io.attentionflow.allocation.PlacementRules;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.PreemptionPolicy;
import io.attentionflow.allocation.RightSizing;
import io.attentionflow.allocation.TieBreak;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A {@link PoolPolicy} as text: below {@code policy} in config/pipeline.yaml, in a policy update,
 * and in state, where it outlives the fields of the record.
 */
public final class PolicySettings {

  private PolicySettings() {}

  /**
   * A policy by these settings; what they leave out is as in {@code base}.
   *
   * @param settings keys without a prefix, such as {@code ordering}
   * @throws InvalidOptionException if a key is unknown or a value not allowed; it names the key
   */
  public static PoolPolicy parse(Map<String, String> settings, PoolPolicy base) {
    return parse(settings, base, "");
  }

  static PoolPolicy parse(Map<String, String> settings, PoolPolicy base, String prefix) {
    SortedMap<String, String> known = format(base);
    SortedMap<String, String> all = new TreeMap<>();
    known.forEach((key, value) -> all.put(prefix + key, value));
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String key = setting.getKey();
      if (!known.containsKey(key)) {
        throw new InvalidOptionException(
            prefix + key,
            "is not an option of a policy; those are " + String.join(", ", known.keySet()));
      }
      all.put(prefix + key, setting.getValue());
    }
    Settings typed = new Settings(all);
    return new PoolPolicy(
        base.version(),
        typed.choice(prefix + "ordering", PoolPolicy.Ordering.class),
        typed.choice(prefix + "placement", PoolPolicy.Placement.class),
        typed.choice(prefix + "backfill", PoolPolicy.Backfill.class),
        typed.duration(prefix + "patience", Duration.ZERO),
        typed.smallNumber(prefix + "max-queued", 0, Integer.MAX_VALUE),
        typed.duration(prefix + "heartbeat-timeout", Duration.ofMillis(1)),
        typed.smallNumber(prefix + "max-attempts", 1, Integer.MAX_VALUE),
        typed.duration(prefix + "retention", Duration.ZERO),
        typed.flag(prefix + "reject-after-deadline"),
        typed.wholeNumber(prefix + "seed", Long.MIN_VALUE, Long.MAX_VALUE),
        new PlacementRules(typed.choice(prefix + "placement-ties", TieBreak.class)),
        attention(typed, prefix + "attention.", settings),
        preemption(typed, prefix + "preemption."),
        moves(typed, prefix + "moves."),
        rightSizing(typed, prefix + "right-sizing."));
  }

  /**
   * Of the two bounds of the temperature, one that is left out gives way to one that is not: what
   * is allowed must not depend on the base, which an update was not checked against.
   */
  private static AttentionPolicy attention(
      Settings typed, String prefix, Map<String, String> settings) {
    double most = AttentionPolicy.MOST;
    double least = AttentionPolicy.LEAST_TEMPERATURE;
    boolean saysHottest = settings.containsKey("attention.hottest");
    boolean saysBoth = saysHottest && settings.containsKey("attention.coldest");
    double cold = typed.number(prefix + "coldest", least, most);
    double hottest = typed.number(prefix + "hottest", least, most);
    if (saysBoth && hottest < cold) {
      throw new InvalidOptionException(
          prefix + "hottest", "%s is less than %scoldest, %s".formatted(hottest, prefix, cold));
    }
    double coldest = saysHottest ? Math.min(cold, hottest) : cold;
    return new AttentionPolicy(
        typed.number(prefix + "priority-weight", 0, most),
        typed.number(prefix + "urgency-weight", 0, most),
        typed.number(prefix + "backlog-weight", 0, most),
        typed.number(prefix + "age-weight", 0, most),
        typed.number(prefix + "priority-scale", AttentionPolicy.LEAST_PRIORITY_SCALE, most),
        typed.number(prefix + "target-utilization", 0, 1),
        typed.number(prefix + "dead-band", 0, 1),
        typed.number(prefix + "cooling-per-minute", 0, AttentionPolicy.MOST_COOLING),
        typed.number(prefix + "reheating-per-minute", 0, AttentionPolicy.MOST_REHEATING),
        coldest,
        Math.max(coldest, hottest));
  }

  private static PreemptionPolicy preemption(Settings typed, String prefix) {
    return new PreemptionPolicy(
        typed.choice(prefix + "victims", Displaceable.class),
        typed.smallNumber(prefix + "priority-gap", 1, Integer.MAX_VALUE),
        typed.smallNumber(prefix + "most-per-task", 0, Integer.MAX_VALUE),
        typed.smallNumber(prefix + "most-per-minute", 0, Integer.MAX_VALUE));
  }

  private static MovePolicy moves(Settings typed, String prefix) {
    double most = MovePolicy.MOST;
    return new MovePolicy(
        typed.flag(prefix + "draining"),
        typed.choice(prefix + "overloaded", Displaceable.class),
        typed.number(prefix + "overload-above", MovePolicy.LEAST_OVERLOAD, most),
        typed.duration(prefix + "overload-for", Duration.ZERO),
        typed.duration(prefix + "interval", Duration.ofMillis(1)),
        typed.smallNumber(prefix + "most-per-interval", 0, Integer.MAX_VALUE),
        typed.duration(prefix + "cool-down", Duration.ZERO),
        typed.duration(prefix + "loop-window", Duration.ZERO),
        typed.duration(prefix + "overhead", Duration.ZERO),
        typed.number(prefix + "gain-factor", 1, most),
        typed.duration(prefix + "drain-grace", Duration.ZERO));
  }

  private static RightSizing rightSizing(Settings typed, String prefix) {
    return new RightSizing(
        typed.choice(prefix + "mode", RightSizing.Mode.class),
        typed.number(prefix + "headroom", 0, RightSizing.MOST_HEADROOM),
        typed.number(prefix + "headroom-per-uncertainty", 0, RightSizing.MOST_HEADROOM),
        typed.number(prefix + "headroom-per-drift", 0, RightSizing.MOST_HEADROOM),
        typed.number(prefix + "headroom-per-out-of-memory", 0, RightSizing.MOST_HEADROOM),
        typed.number(prefix + "floor", 0, 1),
        typed.smallNumber(prefix + "out-of-memory-retries", 0, Integer.MAX_VALUE));
  }

  /** Every setting of a policy but its version. */
  public static SortedMap<String, String> format(PoolPolicy policy) {
    SortedMap<String, String> settings = new TreeMap<>();
    settings.put("ordering", Settings.format(policy.ordering()));
    settings.put("placement", Settings.format(policy.placement()));
    settings.put("placement-ties", Settings.format(policy.placementRules().ties()));
    settings.put("backfill", Settings.format(policy.backfill()));
    settings.put("patience", Settings.format(policy.patience()));
    settings.put("max-queued", Integer.toString(policy.maxQueued()));
    settings.put("heartbeat-timeout", Settings.format(policy.heartbeatTimeout()));
    settings.put("max-attempts", Integer.toString(policy.maxAttempts()));
    settings.put("retention", Settings.format(policy.retention()));
    settings.put("reject-after-deadline", Boolean.toString(policy.rejectAfterDeadline()));
    settings.put("seed", Long.toString(policy.seed()));
    AttentionPolicy attention = policy.attention();
    put(settings, "attention.priority-weight", attention.priorityWeight());
    put(settings, "attention.urgency-weight", attention.urgencyWeight());
    put(settings, "attention.backlog-weight", attention.backlogWeight());
    put(settings, "attention.age-weight", attention.ageWeight());
    put(settings, "attention.priority-scale", attention.priorityScale());
    put(settings, "attention.target-utilization", attention.targetUtilization());
    put(settings, "attention.dead-band", attention.deadBand());
    put(settings, "attention.cooling-per-minute", attention.coolingPerMinute());
    put(settings, "attention.reheating-per-minute", attention.reheatingPerMinute());
    put(settings, "attention.coldest", attention.coldest());
    put(settings, "attention.hottest", attention.hottest());
    PreemptionPolicy preemption = policy.preemption();
    settings.put("preemption.victims", Settings.format(preemption.victims()));
    settings.put("preemption.priority-gap", Integer.toString(preemption.priorityGap()));
    settings.put("preemption.most-per-task", Integer.toString(preemption.mostPerTask()));
    settings.put("preemption.most-per-minute", Integer.toString(preemption.mostPerMinute()));
    MovePolicy moves = policy.moves();
    settings.put("moves.draining", Boolean.toString(moves.draining()));
    settings.put("moves.overloaded", Settings.format(moves.overloaded()));
    settings.put("moves.overload-above", Double.toString(moves.overloadAbove()));
    settings.put("moves.overload-for", Settings.format(moves.overloadFor()));
    settings.put("moves.interval", Settings.format(moves.interval()));
    settings.put("moves.most-per-interval", Integer.toString(moves.mostPerInterval()));
    settings.put("moves.cool-down", Settings.format(moves.coolDown()));
    settings.put("moves.loop-window", Settings.format(moves.loopWindow()));
    settings.put("moves.overhead", Settings.format(moves.overhead()));
    settings.put("moves.gain-factor", Double.toString(moves.gainFactor()));
    settings.put("moves.drain-grace", Settings.format(moves.drainGrace()));
    RightSizing rightSizing = policy.rightSizing();
    settings.put("right-sizing.mode", Settings.format(rightSizing.mode()));
    put(settings, "right-sizing.headroom", rightSizing.headroom());
    put(settings, "right-sizing.headroom-per-uncertainty", rightSizing.perUncertainty());
    put(settings, "right-sizing.headroom-per-drift", rightSizing.perDrift());
    put(settings, "right-sizing.headroom-per-out-of-memory", rightSizing.perOutOfMemory());
    put(settings, "right-sizing.floor", rightSizing.floor());
    settings.put(
        "right-sizing.out-of-memory-retries", Integer.toString(rightSizing.outOfMemoryRetries()));
    return settings;
  }

  private static void put(SortedMap<String, String> settings, String name, double value) {
    settings.put(name, Double.toString(value));
  }
}
