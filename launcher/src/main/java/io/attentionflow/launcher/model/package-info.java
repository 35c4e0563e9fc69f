/** What the job has learned, as it was published. */
@NullMarked
package io.attentionflow.launcher.model;

import org.jspecify.annotations.NullMarked;
