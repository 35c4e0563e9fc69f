/** The command {@code tune}, which is not built yet. */
@NullMarked
package io.attentionflow.launcher.tune;

import org.jspecify.annotations.NullMarked;
