/** Simulated nodes and their agents, in virtual time. */
@NullMarked
package io.attentionflow.simulation.cluster;

import org.jspecify.annotations.NullMarked;
