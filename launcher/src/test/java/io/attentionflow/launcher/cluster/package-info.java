@NullMarked
package io.attentionflow.launcher.cluster;

import org.jspecify.annotations.NullMarked;
