package io.attentionflow.launcher.policy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationDecision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the newest shadow of a pool decided, beside the pool itself: about the tasks that both of
 * them placed for the first time since the shadow began.
 *
 * <p>Waits are those until a task's first placement; by them it is said which of both placed it
 * earlier. Remembers one line a task.
 */
final class ShadowComparison {

  private final String pool;
  private final Map<String, Placed> real = new HashMap<>();
  private final SortedMap<String, Placed> shadowed = new TreeMap<>();
  private final Side ofReal = new Side();
  private final Side ofShadow = new Side();
  private @Nullable String name;
  private long version;
  private @Nullable Instant began;

  /** When a task was first placed, and how long it had waited. */
  private record Placed(Instant at, long waitMillis, String complexity) {}

  /** When one of them turned a task away, or stopped one. */
  private static final class Side {
    private final List<Instant> rejected = new ArrayList<>();
    private final List<Instant> preempted = new ArrayList<>();
  }

  ShadowComparison(String pool) {
    this.pool = pool;
  }

  /** Takes in a decision; those of one key in order, others in any. */
  void add(AllocationDecision decision) {
    if (!decision.getPool().equals(pool)) {
      return;
    }
    boolean ofTheShadow = decision.getShadow();
    if (ofTheShadow) {
      String by = String.valueOf(decision.getShadowPolicy());
      if (name == null || decision.getPolicyVersion() > version) {
        name = by;
        version = decision.getPolicyVersion();
        began = null;
        shadowed.clear();
        ofShadow.rejected.clear();
        ofShadow.preempted.clear();
      } else if (decision.getPolicyVersion() < version) {
        return;
      }
      Instant at = decision.getDecidedAt();
      began = began == null || at.isBefore(began) ? at : began;
    }
    note(decision, ofTheShadow ? shadowed : real, ofTheShadow ? ofShadow : ofReal);
  }

  private static void note(AllocationDecision decision, Map<String, Placed> placed, Side side) {
    Action action = decision.getAction();
    if (action == Action.ALLOCATE && decision.getGeneration() == 1) {
      placed.put(
          decision.getTaskId(),
          new Placed(decision.getDecidedAt(), decision.getWaitMillis(), decision.getComplexity()));
    } else if (action == Action.REJECT) {
      side.rejected.add(decision.getDecidedAt());
    } else if (action == Action.PREEMPT) {
      side.preempted.add(decision.getDecidedAt());
    }
  }

  /** Whether no shadow has decided anything. */
  boolean isEmpty() {
    return name == null;
  }

  /** Waits in seconds, counts, and what is of one of them only. */
  ObjectNode toJson() {
    List<Placed> ofPool = new ArrayList<>();
    List<Placed> ofCopy = new ArrayList<>();
    SortedMap<String, List<List<Placed>>> byClass = new TreeMap<>();
    int earlier = 0;
    int later = 0;
    int onlyShadow = 0;
    for (Map.Entry<String, Placed> entry : shadowed.entrySet()) {
      Placed there = real.get(entry.getKey());
      Placed here = entry.getValue();
      if (there == null) {
        onlyShadow++;
        continue;
      }
      ofPool.add(there);
      ofCopy.add(here);
      List<List<Placed>> both =
          byClass.computeIfAbsent(
              here.complexity, c -> List.of(new ArrayList<>(), new ArrayList<>()));
      both.get(0).add(there);
      both.get(1).add(here);
      earlier += here.waitMillis < there.waitMillis ? 1 : 0;
      later += here.waitMillis > there.waitMillis ? 1 : 0;
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("pool", pool);
    json.put("shadow", name);
    json.put("policyVersion", version);
    json.put("since", String.valueOf(began));
    ObjectNode tasks = json.putObject("tasks");
    tasks.put("placedByBoth", ofPool.size());
    tasks.put("placedByShadowOnly", onlyShadow);
    tasks.put("placedByPoolOnly", placedByPoolOnly());
    tasks.put("earlierInShadow", earlier);
    tasks.put("laterInShadow", later);
    json.set("waitSeconds", waits(ofPool, ofCopy));
    ObjectNode classes = json.putObject("waitSecondsByComplexity");
    byClass.forEach((c, both) -> classes.set(c, waits(both.get(0), both.get(1))));
    json.set("rejected", pair(ofReal.rejected, ofShadow.rejected));
    json.set("preempted", pair(ofReal.preempted, ofShadow.preempted));
    return json;
  }

  private long placedByPoolOnly() {
    return real.entrySet().stream()
        .filter(entry -> !shadowed.containsKey(entry.getKey()))
        .filter(entry -> isSinceItBegan(entry.getValue().at))
        .count();
  }

  private boolean isSinceItBegan(Instant at) {
    return began != null && !at.isBefore(began);
  }

  private ObjectNode pair(List<Instant> times, List<Instant> shadowTimes) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("pool", times.stream().filter(this::isSinceItBegan).count());
    json.put("shadow", shadowTimes.size());
    return json;
  }

  private static ObjectNode waits(List<Placed> ofPool, List<Placed> ofShadow) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("pool", summary(ofPool));
    json.set("shadow", summary(ofShadow));
    return json;
  }

  private static ObjectNode summary(List<Placed> placed) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    long[] waits = placed.stream().mapToLong(Placed::waitMillis).sorted().toArray();
    json.put("tasks", waits.length);
    if (waits.length > 0) {
      long sum = 0;
      for (long wait : waits) {
        sum += wait;
      }
      json.put("mean", seconds(sum / waits.length));
      json.put("p95", seconds(waits[(int) Math.ceil(waits.length * 0.95) - 1]));
      json.put("max", seconds(waits[waits.length - 1]));
    }
    return json;
  }

  private static double seconds(long millis) {
    return Duration.ofMillis(millis).toMillis() / 1000.0;
  }
}
