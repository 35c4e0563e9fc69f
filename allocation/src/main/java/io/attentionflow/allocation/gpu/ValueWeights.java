package io.attentionflow.allocation.gpu;

/**
 * What each term of {@link NodeValue} counts. GPUs and cores are whole ones, not thousandths.
 *
 * @param fragmentation of expected fragmentation, GPUs
 * @param shortage of free GPUs beyond one for every {@code coresPerGpu} free cores
 * @param coresPerGpu cores that a GPU's task needs, usually
 * @param waste of the expected waste of slots, GPUs
 * @param partial of GPUs that are partly free
 * @param squares of the squares of what is free on each GPU
 * @param spread of the square of what is free on the node, over 8
 * @param eight of having at least 8 GPUs fully free
 * @param four of having at least 4 GPUs fully free
 * @param smallCores of 30 free cores on a node of fewer than 8 GPUs
 * @param press of a free GPU of a model that is asked for by name
 * @param slot of a place for a task of several GPUs, a GPU of it, when such places run short
 * @param slotFrom expected tasks per place at which places begin to run short
 * @param slotTo expected tasks per place at which they count in full; more than slotFrom
 * @param slotSpread standard deviations of expected tasks that are added to their mean
 * @param wholeNodes share of GPU demand that is expected, before any was seen, to want an untouched
 *     node of the largest size
 */
public record ValueWeights(
    double fragmentation,
    double shortage,
    double coresPerGpu,
    double waste,
    double partial,
    double squares,
    double spread,
    double eight,
    double four,
    double smallCores,
    double press,
    double slot,
    double slotFrom,
    double slotTo,
    double slotSpread,
    double wholeNodes) {

  /** Fragmentation alone. */
  static final ValueWeights FRAGMENTATION_ONLY =
      new ValueWeights(1, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0);

  public static ValueWeights defaults() {
    return new ValueWeights(
        0.373, 1.945, 12, 6.92, 0.372, 0.50, 0.489, 0.529, -0.156, 2.353, 2, 3, 0.1, 0.6, 1, 0.01);
  }
}
