package io.attentionflow.allocation;

/**
 * How {@link PoolPolicy.Placement} chooses, beyond its name.
 *
 * @param ties which of the nodes with the best score wins; {@code RANDOM} and {@code ROUND_ROBIN}
 *     know none
 */
public record PlacementRules(TieBreak ties) {

  /** The first of the best. */
  public static PlacementRules defaults() {
    return new PlacementRules(TieBreak.FIRST);
  }

  public PlacementRules withTies(TieBreak newTies) {
    return new PlacementRules(newTies);
  }
}
