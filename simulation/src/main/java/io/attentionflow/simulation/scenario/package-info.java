/** Simulated worlds: who submits what, how often, and what it turns out to be. */
@NullMarked
package io.attentionflow.simulation.scenario;

import org.jspecify.annotations.NullMarked;
