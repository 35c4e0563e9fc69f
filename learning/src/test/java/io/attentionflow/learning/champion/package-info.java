@NullMarked
package io.attentionflow.learning.champion;

import org.jspecify.annotations.NullMarked;
