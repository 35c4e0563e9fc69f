package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.features.LabelledExample;

/** A task that ended by itself, and what each model had said about it when it arrived. */
public record ScoredExample(LabelledExample example, Answers answers) {}
