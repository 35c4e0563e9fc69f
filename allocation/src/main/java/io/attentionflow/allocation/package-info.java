/**
 * The pool engine: one pool's nodes, queue and running tasks; event in, outputs out; no clock, no
 * I/O.
 */
@NullMarked
package io.attentionflow.allocation;

import org.jspecify.annotations.NullMarked;
