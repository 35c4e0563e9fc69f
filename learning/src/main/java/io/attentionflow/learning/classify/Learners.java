package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;
import java.util.List;

/** Makes classifiers by the name that configuration gives them. */
public final class Learners {

  private static final List<String> NAMES =
      List.of(
          PriorClassifier.NAME,
          LogisticClassifier.NAME,
          MixtureClassifier.NAME,
          ForestClassifier.NAME,
          NetworkClassifier.NAME,
          BlendClassifier.NAME);

  private Learners() {}

  /** All names, in a fixed order. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * A learner that has seen nothing, with its default parameters, calibrated.
   *
   * @param name one of {@link #names()}
   * @param schema what it will learn from
   * @param seed of its randomness, if it has any
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Classifier create(String name, FeatureSchema schema, long seed) {
    return new CalibratedClassifier(schema, uncalibrated(name, schema, seed));
  }

  /**
   * One member of a learner, to learn by itself. It answers as what it is, a single member; how the
   * whole answers shows once {@link Classifier#restore(int, byte[])} has put the members together.
   *
   * @param name one of {@link #names()}
   * @param member from 0, below {@link Classifier#members()} of {@link #create} with that name
   * @throws IllegalArgumentException if there is no learner of that name, or no such member
   */
  public static Classifier member(String name, FeatureSchema schema, long seed, int member) {
    if (name.equals(ForestClassifier.NAME)) {
      return CalibratedClassifier.ofMember(
          schema,
          ForestClassifier.member(schema, ForestClassifier.Parameters.DEFAULT, seed, member));
    }
    if (member != 0) {
      throw new IllegalArgumentException("%s has no member %d".formatted(name, member));
    }
    return create(name, schema, seed);
  }

  private static Classifier uncalibrated(String name, FeatureSchema schema, long seed) {
    return switch (name) {
      case PriorClassifier.NAME -> new PriorClassifier(schema);
      case LogisticClassifier.NAME ->
          new LogisticClassifier(schema, LogisticClassifier.Parameters.DEFAULT);
      case MixtureClassifier.NAME ->
          new MixtureClassifier(schema, MixtureClassifier.Parameters.DEFAULT);
      case ForestClassifier.NAME ->
          new ForestClassifier(schema, ForestClassifier.Parameters.DEFAULT, seed);
      case NetworkClassifier.NAME ->
          new NetworkClassifier(schema, NetworkClassifier.Parameters.DEFAULT, seed);
      case BlendClassifier.NAME ->
          new BlendClassifier(
              schema,
              List.of(
                  uncalibrated(MixtureClassifier.NAME, schema, seed),
                  uncalibrated(LogisticClassifier.NAME, schema, seed)));
      default ->
          throw new IllegalArgumentException(
              "There is no learner '%s'; there are: %s".formatted(name, String.join(", ", NAMES)));
    };
  }
}
