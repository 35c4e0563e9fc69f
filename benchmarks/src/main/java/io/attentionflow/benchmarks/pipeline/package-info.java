/** The job {@code allocation} against a job that does nothing, through a real broker and Flink. */
@NullMarked
package io.attentionflow.benchmarks.pipeline;

import org.jspecify.annotations.NullMarked;
