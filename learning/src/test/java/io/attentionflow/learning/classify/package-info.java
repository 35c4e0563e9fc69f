@NullMarked
package io.attentionflow.learning.classify;

import org.jspecify.annotations.NullMarked;
