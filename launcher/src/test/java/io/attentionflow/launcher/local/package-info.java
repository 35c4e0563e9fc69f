@NullMarked
package io.attentionflow.launcher.local;

import org.jspecify.annotations.NullMarked;
