/** Classifiers that learn one example at a time, behind one small interface. */
@NullMarked
package io.attentionflow.learning.classify;

import org.jspecify.annotations.NullMarked;
