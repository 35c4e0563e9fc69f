@NullMarked
package io.attentionflow.learning.quantile;

import org.jspecify.annotations.NullMarked;
