/** From a task and its tenant's history to a feature vector, and from its end to a label. */
@NullMarked
package io.attentionflow.learning.features;

import org.jspecify.annotations.NullMarked;
