/** Kafka: how commands reach a cluster, and a real broker inside this process. */
@NullMarked
package io.attentionflow.launcher.kafka;

import org.jspecify.annotations.NullMarked;
