package io.attentionflow.learning.features;

/**
 * A task that waits, as it looks by now.
 *
 * @param features for predicting its run time again; it is learned from as it was submitted
 */
public record WaitingTask(String taskId, FeatureVector features) {}
