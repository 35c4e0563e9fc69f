/** The commands {@code topics ...}. */
@NullMarked
package io.attentionflow.launcher.topics;

import org.jspecify.annotations.NullMarked;
