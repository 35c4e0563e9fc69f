package io.attentionflow.allocation;

import io.attentionflow.allocation.Placing.Found;
import io.attentionflow.allocation.Reservation.Amounts;
import io.attentionflow.allocation.TaskState.ShardState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds places for tasks that come after the head of the queue, such that they do not delay it.
 *
 * <p>The head gets a {@link Reservation} on the node that should have room for it first. A later
 * task may then start wherever it fits; on that node, only if it should be over by then, or fits
 * beside what is kept. A task that ran out of patience gets a firm one, which goes by the limits of
 * the run times instead of by what is expected of them; the first of the others gets a soft one
 * besides.
 *
 * <p>Source: EASY backfilling (D. Lifka, "The ANL/IBM SP scheduling system", JSSPP 1995), with run
 * times that are predicted (D. Tsafrir et al., "Backfilling using system-generated predictions
 * rather than user runtime estimates", IEEE TPDS 2007). Differs in that there are many nodes, of
 * which a reservation is about one; that ends are counted on by a high quantile, and the window
 * before a reservation by the mean; and in the firm reservation.
 *
 * <p>As long as nothing runs beyond its limit, who holds the firm reservation starts at the latest
 * when it says so when it is first given, whatever is predicted. A divisible task at the head has
 * no reservation, and is not overtaken.
 *
 * <p>Reserving takes O(nodes + running tasks) time. All of it follows from what runs and waits: it
 * is done anew in each event, and nothing has to be kept.
 */
final class Backfilling {

  /** Most tasks that are looked at in vain in one event: a bound on what it may cost. */
  static final int MOST_MISSES = 256;

  private final NodeTable nodes;
  private final TaskTable tasks;
  private final Placer placer;
  private final List<Reservation> reservations = new ArrayList<>(2);
  private @Nullable Reservation soft;

  Backfilling(NodeTable nodes, TaskTable tasks, Placer placer) {
    this.nodes = nodes;
    this.tasks = tasks;
    this.placer = placer;
  }

  /** A shard that runs on a node, and when it should end. */
  private record Ending(ShardPlacement shard, long atMillis) {}

  /** Nothing is kept for anybody. */
  void clear() {
    reservations.clear();
    soft = null;
  }

  /**
   * Keeps room for a task that has none now. Does nothing if no node could take it, or if one has
   * room and only a reservation is in its way.
   *
   * @param firm whether by limits
   */
  void keepFor(TaskState task, Instant now, boolean firm) {
    Reservation earliest = null;
    for (Node node : nodes.inOrder()) {
      TaskRequest request = task.asks();
      if (node.couldTake(request.request(), request.gpuModels())) {
        if (node.hasRoomFor(request.request())) {
          return;
        }
        Reservation there = reserve(node, request.request(), now, firm);
        if (there != null && (earliest == null || there.atMillis() < earliest.atMillis())) {
          earliest = there;
        }
      }
    }
    if (earliest != null) {
      reservations.add(earliest);
      soft = firm ? soft : earliest;
    }
  }

  private @Nullable Reservation reserve(Node node, Resources demand, Instant now, boolean firm) {
    List<Ending> endings = endings(node, now, firm);
    GpuLedger gpus = demand.gpuCount() == 0 ? null : node.gpus().copy();
    var freed = new Amounts(gpus == null ? 0 : node.state().capacity().gpuCount());
    for (int i = 0; i < endings.size(); i++) {
      Ending ending = endings.get(i);
      ShardPlacement shard = ending.shard;
      freed.add(shard.resources(), shard.gpuIndices(), 1);
      if (gpus != null) {
        gpus.giveBack(shard.resources(), shard.gpuIndices());
      }
      boolean last = i + 1 == endings.size() || endings.get(i + 1).atMillis > ending.atMillis;
      if (last && node.hasRoomWith(freed, demand) && (gpus == null || gpus.fits(demand))) {
        var needed = new Amounts(freed.gpuMillis.length);
        needed.add(demand, gpus == null ? List.of() : gpus.take(demand), 1);
        needed.subtract(freed);
        return new Reservation(
            node, now.toEpochMilli(), ending.atMillis, endings.get(0).atMillis, firm, needed);
      }
    }
    return null;
  }

  private List<Ending> endings(Node node, Instant now, boolean firm) {
    List<Ending> endings = new ArrayList<>(node.shards());
    for (String taskId : node.taskIds()) {
      TaskState task = tasks.get(taskId);
      long limit = RunTimes.limit(task);
      long length = firm ? limit : RunTimes.cautious(task);
      for (ShardState shard : task.shards()) {
        if (node.isHere(shard)) {
          Instant start = shard.startedAt() == null ? task.since() : shard.startedAt();
          long end = RunTimes.end(start.toEpochMilli(), length, limit, now);
          endings.add(new Ending(shard.placement(), Math.min(end, RunTimes.ENDLESS)));
        }
      }
    }
    endings.sort(Comparator.comparingLong(Ending::atMillis));
    return endings;
  }

  /** When the next end has passed that a reservation counts on; null: there is none. */
  @Nullable Instant nextEnd() {
    return soft == null || soft.firstEndMillis() >= RunTimes.ENDLESS
        ? null
        : Instant.ofEpochMilli(soft.firstEndMillis() + 1);
  }

  /** Whether there is a soft reservation. */
  boolean isKeptSoftly() {
    return soft != null;
  }

  /** The node and the room that may still be taken there and elsewhere. */
  Gap gap() {
    return new Gap(nodes.inOrder(), soft);
  }

  /** Finds a place for a task that leaves what is reserved alone, and takes it; null: none. */
  @Nullable Found place(TaskState task, PoolPolicy policy) {
    List<Reservation> inTheWay = new ArrayList<>(2);
    for (Reservation reservation : reservations) {
      if (reservation.isOutlastedBy(task)) {
        inTheWay.add(reservation);
      }
    }
    Amounts[] kept = keep(inTheWay);
    Found found = placer.placeIfItFits(task, policy);
    for (int i = 0; i < kept.length; i++) {
      inTheWay.get(i).node().keep(kept[i], -1);
    }
    if (found != null) {
      reservations.forEach(reservation -> reservation.letPast(task, found.shards()));
    }
    return found;
  }

  /** What is kept on one node for two tasks is enough for either of them, not for both. */
  private static Amounts[] keep(List<Reservation> inTheWay) {
    var kept = new Amounts[inTheWay.size()];
    for (int i = 0; i < kept.length; i++) {
      Amounts needed = inTheWay.get(i).needed();
      kept[i] = new Amounts(needed.gpuMillis.length);
      kept[i].raiseTo(needed);
    }
    if (kept.length == 2 && inTheWay.get(0).node() == inTheWay.get(1).node()) {
      kept[1].subtract(kept[0]);
      var rest = new Amounts(kept[1].gpuMillis.length);
      rest.raiseTo(kept[1]);
      kept[1] = rest;
    }
    for (int i = 0; i < kept.length; i++) {
      inTheWay.get(i).node().keep(kept[i], 1);
    }
    return kept;
  }
}
