package io.attentionflow.client;

import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.ModelEvaluation;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.ResourceDemand;
import io.attentionflow.schema.ResourceQuantiles;
import io.attentionflow.schema.ShardPlacement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the allocation topics say, by task, node and pool; fed record by record, in memory.
 *
 * <p>Records of one task and topic come in the order they were written, those of different topics
 * in any: what a command says of a place counts for more than what was last said of waiting.
 * Records that come again do no harm.
 *
 * <p>Bounded: a task is kept while it waits or has a place; after that until the retention is over,
 * by the broker's time of the newest record, or until more than the most are kept, oldest first. A
 * node is kept until it has left and holds nothing.
 *
 * <p>Answers about one task or node take time by the size of the answer, those about a pool by the
 * number of tasks and nodes. Reads no clock. Not thread-safe.
 */
public final class AllocationIndex {

  private final Duration retention;
  private final int mostSettled;

  private final Map<String, IndexedTask> tasks = new HashMap<>();

  /** Those that neither wait nor have a place, the longest untouched first. */
  private final LinkedHashMap<String, IndexedTask> settled = new LinkedHashMap<>();

  private final Map<String, IndexedNode> nodes = new HashMap<>();
  private final Map<String, Known<ResourceDemand>> demands = new TreeMap<>();
  private final Map<String, Known<ModelEvaluation>> models = new TreeMap<>();

  /** Of the newest evaluation that said so: the one before it may not have been heard of since. */
  private String champion = "";

  private Instant newest = Instant.EPOCH;

  /**
   * @param retention how long tasks are kept that are over
   * @param mostSettled how many of them at most
   */
  public AllocationIndex(Duration retention, int mostSettled) {
    this.retention = retention;
    this.mostSettled = mostSettled;
  }

  /** Something known, and the newest record it rests on; null: on none. */
  public record Known<T>(T value, @Nullable Origin origin) {}

  /** A command was read. */
  public void apply(AllocationCommand command, Origin origin) {
    IndexedTask task = task(command.getTaskId(), origin);
    if (task.accept(command)) {
      free(task);
      for (ShardPlacement shard : task.shards()) {
        task.nodeIds.add(shard.getNodeId());
        node(shard.getNodeId(), origin).tasks.put(task.id, task);
      }
    }
    touched(task, origin);
  }

  /** A decision was read; one of a shadow policy changes nothing here. */
  public void apply(AllocationDecision decision, Origin origin) {
    if (decision.getShadow()) {
      return;
    }
    IndexedTask task = task(decision.getTaskId(), origin);
    task.accept(decision);
    touched(task, origin);
  }

  /** It was read that a task waits. */
  public void apply(PendingTask pending, Origin origin) {
    IndexedTask task = task(pending.getTaskId(), origin);
    task.pending = pending;
    touched(task, origin);
  }

  /** The tombstone of a waiting task was read: it waits no more. */
  public void pendingNoMore(String taskId, Origin origin) {
    IndexedTask task = tasks.get(taskId);
    if (task != null) {
      task.pending = null;
      touched(task, origin);
    }
  }

  /** A word of a node was read; one older than what is known changes nothing. */
  public void apply(NodeEvent event, Origin origin) {
    IndexedNode node = node(event.getNodeId(), origin);
    node.accept(event, origin);
    forgetIfGone(node);
    timePassed(origin);
  }

  /** A demand report was read. */
  public void apply(ResourceDemand demand, Origin origin) {
    demands.put(demand.getPool() + "/" + demand.getComplexity(), new Known<>(demand, origin));
    timePassed(origin);
  }

  /** A learner's evaluation was read. */
  public void apply(ModelEvaluation evaluation, Origin origin) {
    models.put(evaluation.getModel(), new Known<>(evaluation, origin));
    if (evaluation.getChampion()) {
      champion = evaluation.getModel();
    }
    timePassed(origin);
  }

  /**
   * Where is this task, and why?
   *
   * @return null: not heard of, or forgotten
   */
  public @Nullable Known<TaskAnswer> task(String taskId) {
    IndexedTask task = tasks.get(taskId);
    return task == null ? null : new Known<>(task.answer(), task.origin);
  }

  /**
   * What is on this node?
   *
   * @return null: not heard of, or gone
   */
  public @Nullable Known<NodeAnswer> node(String nodeId) {
    IndexedNode node = nodes.get(nodeId);
    return node == null ? null : new Known<>(node.answer(), node.origin);
  }

  /**
   * How is this pool?
   *
   * @return null: nothing was heard of it
   */
  public @Nullable Known<PoolAnswer> pool(String pool) {
    var newestOrigin = new NewestOrigin();
    SortedMap<String, Integer> nodesByState = new TreeMap<>();
    Amounts capacity = Amounts.NONE;
    Amounts usage = Amounts.NONE;
    Amounts allocated = Amounts.NONE;
    int nodeCount = 0;
    for (IndexedNode node : nodes.values()) {
      if (node.event != null && node.event.getPool().equals(pool)) {
        nodeCount++;
        nodesByState.merge(node.state.name(), 1, Integer::sum);
        capacity = capacity.plus(Amounts.of(node.event.getCapacity()));
        usage = usage.plus(Amounts.of(node.event.getUsage()));
        allocated = allocated.plus(node.allocated());
        newestOrigin.see(node.origin);
      }
    }
    SortedMap<String, Integer> pendingByReason = new TreeMap<>();
    int placed = 0;
    int pending = 0;
    for (IndexedTask task : tasks.values()) {
      if (task.pool().equals(pool)) {
        newestOrigin.see(task.origin);
        PendingTask waits = task.waitsFor();
        if (waits != null) {
          pending++;
          pendingByReason.merge(waits.getReason().name(), 1, Integer::sum);
        } else if (task.holdsAPlace()) {
          placed++;
        }
      }
    }
    List<PoolAnswer.Demand> demand = demand(pool, newestOrigin);
    if (newestOrigin.origin == null) {
      return null;
    }
    return new Known<>(
        new PoolAnswer(
            pool,
            nodeCount,
            nodesByState,
            capacity,
            usage,
            allocated,
            placed,
            pending,
            pendingByReason,
            demand),
        newestOrigin.origin);
  }

  /**
   * What waits in this pool?
   *
   * @param most how many tasks to list, at least 0; all are counted
   */
  public Known<PendingList> pending(String pool, int most) {
    var newestOrigin = new NewestOrigin();
    SortedMap<String, Integer> byReason = new TreeMap<>();
    List<PendingTask> waiting = new ArrayList<>();
    for (IndexedTask task : tasks.values()) {
      PendingTask waits = task.waitsFor();
      if (waits != null && waits.getPool().equals(pool)) {
        newestOrigin.see(task.origin);
        waiting.add(waits);
        byReason.merge(waits.getReason().name(), 1, Integer::sum);
      }
    }
    List<PendingAnswer> first =
        waiting.stream()
            .sorted(
                Comparator.comparingInt((PendingTask task) -> task.getPosition())
                    .thenComparing(PendingTask::getSince)
                    .thenComparing(PendingTask::getTaskId))
            .limit(most)
            .map(IndexedTask::answer)
            .toList();
    return new Known<>(new PendingList(pool, waiting.size(), byReason, first), newestOrigin.origin);
  }

  /** How good are the learners? By name. */
  public Known<List<ModelAnswer>> models() {
    var newestOrigin = new NewestOrigin();
    List<ModelAnswer> answers = new ArrayList<>();
    for (Known<ModelEvaluation> known : models.values()) {
      newestOrigin.see(known.origin());
      ModelEvaluation evaluation = known.value();
      answers.add(
          new ModelAnswer(
              evaluation.getModel(),
              evaluation.getVersion(),
              evaluation.getModel().equals(champion),
              evaluation.getExamples(),
              evaluation.getAccuracy(),
              evaluation.getKappa(),
              evaluation.getLogLoss(),
              evaluation.getRecentAccuracy(),
              evaluation.getMajorityAccuracy(),
              evaluation.getCalibrationError(),
              evaluation.getEvent().name(),
              evaluation.getNote(),
              evaluation.getEvaluatedAt()));
    }
    return new Known<>(answers, newestOrigin.origin);
  }

  /** Pools of which anything is known, in order. */
  public List<String> pools() {
    SortedMap<String, Boolean> pools = new TreeMap<>();
    tasks.values().forEach(task -> pools.put(task.pool(), true));
    for (IndexedNode node : nodes.values()) {
      if (node.event != null) {
        pools.put(node.event.getPool(), true);
      }
    }
    demands.values().forEach(demand -> pools.put(demand.value().getPool(), true));
    pools.remove("");
    return List.copyOf(pools.keySet());
  }

  /** How many tasks are kept. */
  public int taskCount() {
    return tasks.size();
  }

  private List<PoolAnswer.Demand> demand(String pool, NewestOrigin newestOrigin) {
    List<PoolAnswer.Demand> answers = new ArrayList<>();
    for (Known<ResourceDemand> known : demands.values()) {
      ResourceDemand demand = known.value();
      if (demand.getPool().equals(pool)) {
        newestOrigin.see(known.origin());
        SortedMap<String, PoolAnswer.Quantiles> resources = new TreeMap<>();
        demand
            .getResources()
            .forEach((resource, quantiles) -> resources.put(resource, answer(quantiles)));
        answers.add(
            new PoolAnswer.Demand(
                demand.getComplexity(),
                demand.getWindowStart(),
                demand.getWindowEnd(),
                demand.getArrivals(),
                demand.getInFlight(),
                demand.getCompletions(),
                demand.getArrivalForecast(),
                resources));
      }
    }
    return answers;
  }

  private static PoolAnswer.Quantiles answer(ResourceQuantiles quantiles) {
    return new PoolAnswer.Quantiles(
        quantiles.getSum(),
        quantiles.getP50(),
        quantiles.getP95(),
        quantiles.getP99(),
        quantiles.getForecast());
  }

  private IndexedTask task(String id, Origin origin) {
    return tasks.computeIfAbsent(id, unused -> new IndexedTask(id, origin));
  }

  private IndexedNode node(String id, Origin origin) {
    return nodes.computeIfAbsent(id, unused -> new IndexedNode(id, origin));
  }

  private void free(IndexedTask task) {
    for (String nodeId : task.nodeIds) {
      IndexedNode node = nodes.get(nodeId);
      if (node != null) {
        node.tasks.remove(task.id);
        forgetIfGone(node);
      }
    }
    task.nodeIds.clear();
  }

  private void forgetIfGone(IndexedNode node) {
    boolean left = node.event == null || node.state == IndexedNode.State.LEFT;
    if (left && node.tasks.isEmpty()) {
      nodes.remove(node.id);
    }
  }

  private void touched(IndexedTask task, Origin origin) {
    task.origin = origin;
    settled.remove(task.id);
    if (!task.holdsAPlace() && task.waitsFor() == null) {
      settled.put(task.id, task);
    }
    timePassed(origin);
  }

  private void timePassed(Origin origin) {
    if (origin.writtenAt().isAfter(newest)) {
      newest = origin.writtenAt();
    }
    Instant oldestKept = newest.minus(retention);
    Iterator<IndexedTask> oldestFirst = settled.values().iterator();
    while (oldestFirst.hasNext()) {
      IndexedTask task = oldestFirst.next();
      if (settled.size() <= mostSettled && !task.origin.writtenAt().isBefore(oldestKept)) {
        return;
      }
      oldestFirst.remove();
      tasks.remove(task.id);
    }
  }

  /** The newest of several. */
  private static final class NewestOrigin {

    private @Nullable Origin origin;

    void see(@Nullable Origin other) {
      if (other != null && (origin == null || other.writtenAt().isAfter(origin.writtenAt()))) {
        origin = other;
      }
    }
  }
}
