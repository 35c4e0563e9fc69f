/** The forest beside its best-known peer, on the same streams. */
@NullMarked
package io.attentionflow.benchmarks.forest;

import org.jspecify.annotations.NullMarked;
