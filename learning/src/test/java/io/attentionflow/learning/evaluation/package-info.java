@NullMarked
package io.attentionflow.learning.evaluation;

import org.jspecify.annotations.NullMarked;
