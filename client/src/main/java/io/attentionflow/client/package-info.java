/**
 * The read side for other services, and the making of the topics: kafka-clients and the schemas,
 * nothing else.
 */
@NullMarked
package io.attentionflow.client;

import org.jspecify.annotations.NullMarked;
