/** The command {@code evaluate}: a trace through the engines of the job, in virtual time. */
@NullMarked
package io.attentionflow.launcher.evaluate;

import org.jspecify.annotations.NullMarked;
