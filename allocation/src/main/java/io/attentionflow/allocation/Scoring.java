package io.attentionflow.allocation;

/** How a placement policy scores a node for one shard: higher is better, finite. */
@FunctionalInterface
interface Scoring {

  /**
   * Scores a node that the shard fits.
   *
   * @param index of the node in the order of ids
   */
  double score(Node node, int index, Resources demand);

  /**
   * The scoring of a policy, for one shard.
   *
   * @param draw a number that belongs to this shard alone, for {@code RANDOM}
   * @param turn index of the node whose turn it is, for {@code ROUND_ROBIN}
   * @param nodes how many there are
   */
  static Scoring of(PoolPolicy policy, long draw, int turn, int nodes) {
    return switch (policy.placement()) {
      case LEAST_LOADED -> (node, index, demand) -> 0 - node.loadWith(demand);
      case LEAST_CONNECTION -> (node, index, demand) -> 0 - node.shards();
      case ROUND_ROBIN -> (node, index, demand) -> 0 - Math.floorMod(index - turn, nodes);
      case RANDOM -> {
        long seeded = Draws.of(policy.seed(), draw);
        yield (node, index, demand) -> Draws.unit(Draws.of(seeded, node.draw()));
      }
    };
  }
}
