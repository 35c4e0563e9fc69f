/** A published model, to classify with in any JVM. */
@NullMarked
package io.attentionflow.serving;

import org.jspecify.annotations.NullMarked;
