/**
 * Run time as a distribution, learned online: how long will this task run, and how sure is that?
 */
@NullMarked
package io.attentionflow.learning.runtime;

import org.jspecify.annotations.NullMarked;
