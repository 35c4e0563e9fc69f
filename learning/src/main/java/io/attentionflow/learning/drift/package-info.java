/** Notices when a stream is no longer what it was. */
@NullMarked
package io.attentionflow.learning.drift;

import org.jspecify.annotations.NullMarked;
