package io.attentionflow.client;

import java.time.Instant;

/** How good a learner's answers are; see {@code ModelEvaluation}. Fractions are of 1. */
public record ModelAnswer(
    String model,
    long version,
    boolean champion,
    long examples,
    double accuracy,
    double kappa,
    double logLoss,
    double recentAccuracy,
    double majorityAccuracy,
    double calibrationError,
    String event,
    String note,
    Instant evaluatedAt) {}
