/** Ports of this machine. */
@NullMarked
package io.attentionflow.launcher.net;

import org.jspecify.annotations.NullMarked;
