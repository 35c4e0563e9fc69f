/** Traces: tasks as they were submitted somewhere, and what became of them. */
@NullMarked
package io.attentionflow.simulation.trace;

import org.jspecify.annotations.NullMarked;
