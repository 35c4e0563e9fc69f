/** A real Kafka broker inside this process. */
@NullMarked
package io.attentionflow.launcher.kafka;

import org.jspecify.annotations.NullMarked;
