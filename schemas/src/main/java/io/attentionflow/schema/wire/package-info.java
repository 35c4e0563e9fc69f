/**
 * Records to bytes and back: Avro single-object encoding, with every released schema at hand.
 *
 * <p>Knows no Kafka: what goes in and comes out is {@code byte[]}.
 */
@NullMarked
package io.attentionflow.schema.wire;

import org.jspecify.annotations.NullMarked;
