package io.attentionflow.allocation.gpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How often each kind of task is asked for: learned from arrivals, with slow forgetting.
 *
 * <p>Kinds differ in cores, GPUs and allowed models; those of several GPUs also in memory. At most
 * {@value #MOST_KINDS} are kept: when there are more, the rarer half is dropped. Every {@value
 * #HALVE_EVERY} arrivals all counts are halved, so that old demand fades. Deterministic. Not
 * thread-safe.
 */
public final class GpuPopularity {

  static final int MOST_KINDS = 512;
  static final int HALVE_EVERY = 32_768;

  private final Map<GpuRequest, Double> counts = new LinkedHashMap<>();
  private long learned;

  /**
   * A kind of task and how often it came.
   *
   * @param request without memory, unless of several GPUs
   * @param count faded arrivals, positive
   */
  public record Kind(GpuRequest request, double count) {}

  /** All that is known, to be given to {@link #restore}. */
  public record Snapshot(long learned, List<Kind> kinds) {
    public Snapshot {
      kinds = List.copyOf(kinds);
    }
  }

  /** Counts an arrival. */
  public void learn(GpuRequest request) {
    counts.merge(kind(request), 1.0, Double::sum);
    learned++;
    if (learned % HALVE_EVERY == 0) {
      counts.replaceAll((known, count) -> count / 2);
      counts.values().removeIf(count -> count < 0.5);
    }
    if (counts.size() > MOST_KINDS) {
      dropTheRarerHalf();
    }
  }

  /** Arrivals counted, none forgotten. */
  public long learned() {
    return learned;
  }

  /** The kinds, the most frequent first; equals in order of first arrival. */
  public List<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>(counts.size());
    counts.forEach((request, count) -> kinds.add(new Kind(request, count)));
    kinds.sort(Comparator.comparingDouble(Kind::count).reversed());
    return kinds;
  }

  public Snapshot snapshot() {
    List<Kind> kinds = new ArrayList<>(counts.size());
    counts.forEach((request, count) -> kinds.add(new Kind(request, count)));
    return new Snapshot(learned, kinds);
  }

  /** Forgets what it knew and knows what the snapshot says. */
  public void restore(Snapshot snapshot) {
    counts.clear();
    snapshot.kinds().forEach(kind -> counts.put(kind.request(), kind.count()));
    learned = snapshot.learned();
  }

  private static GpuRequest kind(GpuRequest request) {
    return new GpuRequest(
        request.cpuMillis(),
        request.gpuCount() > 1 ? request.memoryMib() : 0,
        0,
        request.gpuCount(),
        request.gpuMillis(),
        request.models());
  }

  private void dropTheRarerHalf() {
    List<Kind> kinds = kinds();
    for (Kind kind : kinds.subList(MOST_KINDS / 2, kinds.size())) {
      counts.remove(kind.request());
    }
  }
}
