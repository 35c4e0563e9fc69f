/**
 * The job that learns how heavy tasks are and decides which node each gets. Start at {@link
 * io.attentionflow.jobs.allocation.AllocationTopology}.
 */
@NullMarked
package io.attentionflow.jobs.allocation;

import org.jspecify.annotations.NullMarked;
