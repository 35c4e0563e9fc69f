/** What attention and cooling do to a pool whose load rises and falls. */
@NullMarked
package io.attentionflow.benchmarks.attention;

import org.jspecify.annotations.NullMarked;
