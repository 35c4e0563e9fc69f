/**
 * How good answers were: accuracy, kappa, log loss, calibration; over all and over a fading window.
 */
@NullMarked
package io.attentionflow.learning.evaluation;

import org.jspecify.annotations.NullMarked;
