/** The topics: what each is called, keyed by, carries, and how long it keeps it. */
@NullMarked
package io.attentionflow.schema.topic;

import org.jspecify.annotations.NullMarked;
