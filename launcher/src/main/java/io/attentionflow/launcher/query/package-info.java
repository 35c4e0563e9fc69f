/** The commands that read the allocation topics: {@code query ...} and {@code watch}. */
@NullMarked
package io.attentionflow.launcher.query;

import org.jspecify.annotations.NullMarked;
