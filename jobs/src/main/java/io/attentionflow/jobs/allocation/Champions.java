package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.champion.Championship;
import io.attentionflow.schema.ModelUpdate;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Championship} of the learners, and how it is kept, published and taken up again. One
 * subtask of {@code train} has it: the others see the examples in another order.
 */
final class Champions {

  /** As sure as an answer can be. */
  private static final double LEAST_PROBABILITY = 1e-15;

  private static final Championship.Rules RULES = Championship.Rules.STANDARD;

  private final List<String> learners;
  private Championship championship;
  private long version;
  private long latestMillis;

  private Champions(List<String> learners, Championship championship) {
    this.learners = learners;
    this.championship = championship;
  }

  /** A championship in which nothing is known yet. */
  static Champions begin(List<String> learners, String first) {
    return new Champions(learners, new Championship(learners, first, RULES));
  }

  /**
   * A championship as it was when {@link #state} was taken. If the learners are others by now, it
   * begins anew, with the same champion where that is still among them.
   */
  static Champions resume(List<String> learners, String first, ChampionState state)
      throws IOException {
    Championship kept =
        Championship.readFrom(new DataInputDeserializer(state.championship()), RULES);
    boolean same = kept.learners().equals(learners);
    String champion = learners.contains(kept.champion()) ? kept.champion() : first;
    Champions champions =
        new Champions(learners, same ? kept : new Championship(learners, champion, RULES));
    champions.version = state.version();
    champions.latestMillis = state.latestMillis();
    return champions;
  }

  String champion() {
    return championship.champion();
  }

  /**
   * Compares what was answered when a task arrived, if all were asked about it.
   *
   * @return the change that follows, if any
   */
  Championship.@Nullable Change take(ScoredExample scored) {
    latestMillis = Math.max(latestMillis, scored.example().endedAtMillis());
    if (scored.answers().answers().isEmpty()) {
      return null;
    }
    double[] losses = new double[learners.size()];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = loss(learners.get(i), scored);
    }
    return championship.add(losses);
  }

  private static double loss(String learner, ScoredExample scored) {
    int label = scored.example().label();
    for (Answers.Answer answer : scored.answers().answers()) {
      if (answer.model().equals(learner) && label < answer.probabilities().length) {
        return -StrictMath.log(Math.max(LEAST_PROBABILITY, answer.probabilities()[label]));
      }
    }
    return Double.NaN;
  }

  /** A change as the next version. */
  ModelUpdate publish(Championship.Change change, long seed, String schema, List<String> classes) {
    version++;
    return ChampionMessage.of(change)
        .toUpdate(
            version,
            Instant.ofEpochMilli(latestMillis),
            championship.examples(),
            seed,
            schema,
            classes);
  }

  /** Goes on with the champion of an earlier run of the job, if nothing newer is known here. */
  void adopt(ChampionMessage message, long publishedVersion) {
    if (publishedVersion > version && learners.contains(message.learner())) {
      championship = new Championship(learners, message.learner(), RULES);
      version = publishedVersion;
    }
  }

  ChampionState state() throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(512);
    championship.writeTo(out);
    return new ChampionState(version, latestMillis, out.getCopyOfBuffer());
  }
}
