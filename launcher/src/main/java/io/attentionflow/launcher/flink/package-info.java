/** A real Flink cluster inside this process. */
@NullMarked
package io.attentionflow.launcher.flink;

import org.jspecify.annotations.NullMarked;
