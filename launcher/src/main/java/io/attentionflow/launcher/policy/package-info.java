/** Policies of pools, read and changed while the job runs. */
@NullMarked
package io.attentionflow.launcher.policy;

import org.jspecify.annotations.NullMarked;
