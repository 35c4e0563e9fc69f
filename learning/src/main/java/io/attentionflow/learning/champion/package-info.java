/** Which of several learners serves: the best so far, until another is clearly better. */
@NullMarked
package io.attentionflow.learning.champion;

import org.jspecify.annotations.NullMarked;
