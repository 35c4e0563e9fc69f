/** The command {@code doctor}: whether all is there that is needed. */
@NullMarked
package io.attentionflow.launcher.doctor;

import org.jspecify.annotations.NullMarked;
