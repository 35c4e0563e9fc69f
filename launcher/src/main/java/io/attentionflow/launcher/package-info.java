/** The command line. */
@NullMarked
package io.attentionflow.launcher;

import org.jspecify.annotations.NullMarked;
