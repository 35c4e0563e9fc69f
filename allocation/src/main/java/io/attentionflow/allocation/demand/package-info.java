/** Rolling demand: what is asked of one pool by one class of tasks, in panes of event time. */
@NullMarked
package io.attentionflow.allocation.demand;

import org.jspecify.annotations.NullMarked;
