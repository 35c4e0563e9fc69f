/** Everything in one process: broker, Flink, the job, and a simulated cluster. */
@NullMarked
package io.attentionflow.launcher.local;

import org.jspecify.annotations.NullMarked;
