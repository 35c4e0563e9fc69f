/** Temporary files. */
@NullMarked
package io.attentionflow.launcher.scratch;

import org.jspecify.annotations.NullMarked;
