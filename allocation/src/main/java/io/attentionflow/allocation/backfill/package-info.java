/**
 * Backfilling for rigid tasks: who starts next, what may overtake whom, and when the one that waits
 * will have room. Queue and profile are trees, so that 100,000 waiting tasks cost no scan.
 */
@NullMarked
package io.attentionflow.allocation.backfill;

import org.jspecify.annotations.NullMarked;
