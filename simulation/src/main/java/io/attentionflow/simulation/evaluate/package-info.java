/** The same engines as in the job, in virtual time over a trace, and what came of it. */
@NullMarked
package io.attentionflow.simulation.evaluate;

import org.jspecify.annotations.NullMarked;
