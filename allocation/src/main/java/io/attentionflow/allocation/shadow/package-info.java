/** What another policy would have decided, on the events of a pool that is run by its own. */
@NullMarked
package io.attentionflow.allocation.shadow;

import org.jspecify.annotations.NullMarked;
