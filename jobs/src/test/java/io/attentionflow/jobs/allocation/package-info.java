@NullMarked
package io.attentionflow.jobs.allocation;

import org.jspecify.annotations.NullMarked;
