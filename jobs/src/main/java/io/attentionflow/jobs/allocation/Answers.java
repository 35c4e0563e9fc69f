package io.attentionflow.jobs.allocation;

import java.util.List;

/**
 * What each model answered about a task when it arrived.
 *
 * @param answers one a model, in the order of configuration
 */
public record Answers(List<Answer> answers) {

  /** Of a task that learners are not compared on. */
  static final Answers NONE = new Answers(List.of());

  public Answers {
    answers = List.copyOf(answers);
  }

  /**
   * One model's answer.
   *
   * @param version of the model; 0: it had learned nothing yet
   * @param probabilities one a class; neither copied nor changed
   * @param memo what the model wants to be reminded of when the label comes; neither copied nor
   *     changed
   */
  @SuppressWarnings("ArrayRecordComponent") // carried by the million, and never changed
  public record Answer(String model, long version, double[] probabilities, byte[] memo) {}
}
