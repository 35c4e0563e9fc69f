package io.attentionflow.jobs.allocation;

/**
 * A learner in training, as a checkpoint keeps it.
 *
 * @param learner its name
 * @param member which of its members, from 0
 * @param version how often it was published
 * @param examples how many it has seen
 * @param examplesPublished how many it had seen when it was last published
 * @param publishedAtMillis event time of that
 * @param latestMillis newest event time it has seen
 * @param answeredVersion newest version whose answer was scored
 * @param snapshot of the classifier
 * @param evaluation of its answers
 * @param uncalibrated evaluation of its answers before they were calibrated; empty: nothing yet
 * @param drift what it has noticed of changes; empty: nothing yet
 * @param tally of promises that are judged beside what it learns; empty: nothing yet
 */
@SuppressWarnings("ArrayRecordComponent") // large, and never changed
public record TraineeState(
    String learner,
    int member,
    long version,
    long examples,
    long examplesPublished,
    long publishedAtMillis,
    long latestMillis,
    long answeredVersion,
    byte[] snapshot,
    byte[] evaluation,
    byte[] uncalibrated,
    byte[] drift,
    byte[] tally) {}
