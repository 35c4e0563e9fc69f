@NullMarked
package io.attentionflow.jobs.layout;

import org.jspecify.annotations.NullMarked;
