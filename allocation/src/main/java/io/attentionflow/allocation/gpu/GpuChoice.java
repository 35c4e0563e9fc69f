package io.attentionflow.allocation.gpu;

import java.util.List;

/**
 * Where a task goes.
 *
 * @param node the node's number
 * @param gpus its GPUs that the task gets, by index, ascending; empty for a task without GPUs
 * @param score the policy's score of the node; the highest wins, scales differ between policies
 */
public record GpuChoice(int node, List<Integer> gpus, double score) {

  public GpuChoice {
    gpus = List.copyOf(gpus);
  }
}
