/**
 * Which node, and which of its GPUs, a task gets in a pool of GPU nodes.
 *
 * <p>{@link io.attentionflow.allocation.gpu.GpuIndex} is the way in. Nothing here reads a clock or
 * draws a random number: the caller passes what chance there is.
 */
@NullMarked
package io.attentionflow.allocation.gpu;

import org.jspecify.annotations.NullMarked;
