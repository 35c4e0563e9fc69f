/**
 * How values lie in bytes between operators and in state: written by hand, so that they are small,
 * fast and of a known version.
 */
@NullMarked
package io.attentionflow.jobs.layout;

import org.jspecify.annotations.NullMarked;
