package io.attentionflow.allocation.gpu;

/**
 * What each term of {@link NodeValue} counts. GPUs and cores are whole ones, not thousandths.
 *
 * <p>The defaults suit nodes of up to 8 GPUs with about 12 cores a GPU. They were found by
 * evolution strategies on four pod lists of the Alibaba GPU trace of 2023 (published with Weng et
 * al., USENIX ATC 2023), on other random sequences than those that figures are reported for.
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
        0.433, 2.476, 12, 6.92, 0.372, 0.565, 0.813, 0.463, -0.074, 2.854, 3.54, 3, 0.143, 0.6, 0.3,
        0.01);
  }
}
