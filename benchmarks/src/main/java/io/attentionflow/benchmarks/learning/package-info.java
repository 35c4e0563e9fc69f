/** What learners cost: time to answer, and memory however long they learn. */
@NullMarked
package io.attentionflow.benchmarks.learning;

import org.jspecify.annotations.NullMarked;
