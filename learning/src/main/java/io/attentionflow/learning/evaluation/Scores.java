package io.attentionflow.learning.evaluation;

/**
 * Measures of answers given.
 *
 * @param accuracy share of right answers, from 0 to 1
 * @param kappa Cohen's: 0 as good as guessing with the same frequencies, 1 always right
 * @param logLoss mean negative logarithm of the probability given to the truth, nats
 * @param calibrationError expected difference between confidence and accuracy, 15 bins of equal
 *     width (Guo et al., "On calibration of modern neural networks", ICML 2017), from 0 to 1
 * @param majorityAccuracy the accuracy of always answering the most frequent class
 */
public record Scores(
    double accuracy,
    double kappa,
    double logLoss,
    double calibrationError,
    double majorityAccuracy) {}
