@NullMarked
package io.attentionflow.learning.features;

import org.jspecify.annotations.NullMarked;
