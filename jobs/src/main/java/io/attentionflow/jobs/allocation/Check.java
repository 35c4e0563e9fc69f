package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.wire.Decoded;
import java.io.Serializable;

/**
 * Tells whether a record makes sense, and turns it into a message if it does.
 *
 * @param <A> the record, as decoded
 * @param <M> the message
 */
interface Check<A, M extends Message> extends Serializable {

  /** The message, or the first thing that is wrong with the record. */
  Decoded<M> check(A record, Origin origin);
}
