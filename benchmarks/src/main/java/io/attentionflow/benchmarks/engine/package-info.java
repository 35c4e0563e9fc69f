/** How fast one pool's engine decides, on one core. */
@NullMarked
package io.attentionflow.benchmarks.engine;

import org.jspecify.annotations.NullMarked;
