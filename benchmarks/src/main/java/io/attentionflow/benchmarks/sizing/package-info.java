/** What right-sizing saves in a simulated world, and what it costs. */
@NullMarked
package io.attentionflow.benchmarks.sizing;

import org.jspecify.annotations.NullMarked;
