package io.attentionflow.benchmarks.learning;

import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.evaluation.RunningEvaluation;
import io.attentionflow.learning.evaluation.Scores;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.runtime.RunTimeLearner;
import io.attentionflow.simulation.trace.SwfTrace;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What features are worth: the mixture learns logs in the Standard Workload Format, labels late,
 * with all features and again with some of them made unknown.
 *
 * <pre>
 * benchmarks/ablation LOG.swf.gz...
 * </pre>
 */
public final class Ablation {

  private static final ComplexityScale SCALE = ComplexityScale.DEFAULT;
  private static final FeatureSchema SCHEMA = FeatureSchema.ofTasks(SCALE);
  private static final double FADING = 0.999;

  private static final List<Variant> VARIANTS =
      List.of(
          new Variant("everything", name -> false, true),
          new Variant("without memos: contexts as they are when labels come", name -> false, false),
          without("the classes that follow from run times", "second opinion"),
          without("the tenant's own counts", "table .*|runs"),
          without(
              "live state",
              "number .*(age|in_flight|running|previous|reach).*"
                  + "|table (previous|ages|burst|reach).*"),
          without("reach of the latest tasks", "(number|table) reach.*"),
          without("last classes", "number .*last_class.*|table last.*"),
          without(
              "last and mean run times",
              "number (last|second_last|mean)_run.*" + "|table .*(last|mean).*run.*|runs"),
          without(
              "ratio of run time to estimate",
              "number .*(ratio|scaled|limit_hits).*" + "|table (scaled|ratio).*"),
          without("what the estimate rules out", "number estimate_class"),
          without(
              "the estimate at all",
              "number (estimate|scaled|.*ratio).*|key estimate" + "|table .*(estimate|ratio).*"),
          without(
              "queue, group, executable, partition, other attributes",
              "key (queue|group|executable|partition|other|attributes).*"
                  + "|table of_(queue|executable|attributes)"),
          without("hour and weekday", "number (hour|weekday)"));

  private Ablation() {}

  /**
   * Some features taken away.
   *
   * @param missing of a feature's kind and name, such as {@code number hour}: whether it is unknown
   * @param reminds whether the learner is reminded of what it counted when it answered
   */
  private record Variant(String name, Predicate<String> missing, boolean reminds) {

    FeatureVector of(FeatureVector x) {
      double[] numbers = x.numbers().clone();
      for (int i = 0; i < numbers.length; i++) {
        if (missing.test("number " + SCHEMA.numbers().get(i))) {
          numbers[i] = Double.NaN;
        }
      }
      long[] keys = x.keys().clone();
      for (int i = 0; i < keys.length; i++) {
        if (missing.test("key " + SCHEMA.keys().get(i))) {
          keys[i] = 0;
        }
      }
      byte[] evidence = x.evidence().clone();
      int ofTable = evidence.length / SCHEMA.tables().size();
      for (int i = 0; i < evidence.length; i++) {
        if (missing.test("table " + SCHEMA.tables().get(i / ofTable))) {
          evidence[i] = 0;
        }
      }
      byte[] runs = missing.test("runs") ? new byte[0] : x.runs();
      return new FeatureVector(numbers, keys, evidence, runs);
    }
  }

  private static Variant without(String name, String features) {
    return new Variant("without " + name, Pattern.compile(features).asMatchPredicate(), true);
  }

  /** Takes logs; writes a line for each of them and each variant. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 0) {
      System.err.println("usage: benchmarks/ablation LOG..., logs in the Standard Workload Format");
      System.exit(2);
    }
    PrintStream out = System.out;
    out.println(
        "| log | features | accuracy | kappa | log loss |\n| --- | --- | --- | --- | --- |");
    for (String argument : arguments) {
      Path log = Path.of(argument);
      LateLabels stream =
          LateLabels.of(SwfTrace.read(log, SwfTrace.Protocol.LEARNING).tasks(), SCALE);
      for (Variant variant : VARIANTS) {
        Scores scores = run(stream, variant);
        out.println(
            "| %s | %s | %.2f | %.3f | %.4f |"
                .formatted(
                    String.valueOf(log.getFileName()).toLowerCase(Locale.ROOT),
                    variant.name,
                    100 * scores.accuracy(),
                    scores.kappa(),
                    scores.logLoss()));
      }
    }
  }

  private static Scores run(LateLabels stream, Variant variant) {
    Classifier classifier = Learners.create("mixture", SCHEMA, 1);
    RunTimeLearner runTimes = new RunTimeLearner(SCALE);
    RunningEvaluation evaluation = new RunningEvaluation(SCALE.classes(), FADING);
    List<double[]> answers = new ArrayList<>();
    List<byte[]> memos = new ArrayList<>();
    stream.follow(
        x -> {
          double[] answer = new double[SCALE.classes()];
          memos.add(classifier.answer(expect(runTimes, variant, x), answer));
          answers.add(answer);
        },
        (task, example) -> {
          evaluation.add(answers.get(task), example.label());
          byte[] memo = variant.reminds ? memos.get(task) : Classifier.NO_MEMO;
          FeatureVector x = expect(runTimes, variant, example.features());
          classifier.learn(x, memo, example.label(), 1);
          runTimes.learn(x, Classifier.NO_MEMO, example.durationMillis() / 1000.0);
          memos.set(task, Classifier.NO_MEMO);
        });
    return evaluation.overall();
  }

  private static FeatureVector expect(RunTimeLearner runTimes, Variant variant, FeatureVector x) {
    FeatureVector left = variant.of(x);
    return variant.missing.test("second opinion")
        ? left
        : runTimes.expect(left, new double[runTimes.classes()]);
  }
}
