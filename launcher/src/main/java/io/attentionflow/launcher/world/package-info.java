/** A cluster that is not there: submitters and node agents, played against a real Kafka. */
@NullMarked
package io.attentionflow.launcher.world;

import org.jspecify.annotations.NullMarked;
