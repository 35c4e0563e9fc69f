@NullMarked
package io.attentionflow.learning.drift;

import org.jspecify.annotations.NullMarked;
