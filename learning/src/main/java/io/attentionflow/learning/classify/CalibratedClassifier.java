package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Another classifier, its probabilities calibrated online: of answers given with 80 % confidence,
 * 80 in 100 are right. Goes by the other's name, and answers the same class.
 *
 * <p>Each {@linkplain #answer memo} begins with the answer as it was before, so that calibration is
 * learned from what was said when the task arrived. Not thread-safe.
 */
public final class CalibratedClassifier implements Classifier {

  private static final int LAYOUT = 1;

  private final Classifier inner;
  private final Snapshot envelope;
  private Temperatures temperatures;
  private final double[] said;

  /** Whether its own answer is what is to be calibrated, and not that of several together. */
  private final boolean whole;

  /**
   * @param schema what the other learns from
   */
  public CalibratedClassifier(FeatureSchema schema, Classifier inner) {
    this(schema, inner, true);
  }

  private CalibratedClassifier(FeatureSchema schema, Classifier inner, boolean whole) {
    this.inner = inner;
    this.whole = whole;
    this.envelope = new Snapshot("calibrated " + inner.name(), LAYOUT, schema);
    this.temperatures = new Temperatures(inner.classes());
    this.said = new double[inner.classes()];
  }

  /**
   * A member that learns by itself. What the whole is calibrated by, it learns from memos of the
   * whole's answers, and from nothing else.
   */
  static CalibratedClassifier ofMember(FeatureSchema schema, Classifier member) {
    return new CalibratedClassifier(schema, member, false);
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public int classes() {
    return inner.classes();
  }

  @Override
  public void predict(FeatureVector x, double[] probabilities) {
    inner.predict(x, probabilities);
    temperatures.scale(probabilities);
  }

  @Override
  public byte[] answer(FeatureVector x, double[] probabilities) {
    byte[] ofInner = inner.answer(x, probabilities);
    ByteBuffer memo = ByteBuffer.allocate(classes() * Float.BYTES + ofInner.length);
    for (double probability : probabilities) {
      memo.putFloat((float) probability);
    }
    memo.put(ofInner);
    temperatures.scale(probabilities);
    return memo.array();
  }

  /**
   * What an answer was before it was calibrated.
   *
   * @param memo what {@link #answer} returned
   * @param probabilities filled
   */
  public void uncalibrated(byte[] memo, double[] probabilities) {
    ByteBuffer bytes = ByteBuffer.wrap(memo);
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = bytes.getFloat();
    }
  }

  @Override
  public void learn(FeatureVector x, int label, double weight) {
    if (whole) {
      inner.predict(x, said);
      for (int i = 0; i < said.length; i++) {
        said[i] = (float) said[i]; // as a memo has it
      }
      temperatures.learn(said, label, weight);
    }
    inner.learn(x, label, weight);
  }

  @Override
  public void learn(FeatureVector x, byte[] memo, int label, double weight) {
    int own = classes() * Float.BYTES;
    if (memo.length < own) {
      learn(x, label, weight);
      return;
    }
    uncalibrated(memo, said);
    temperatures.learn(said, label, weight);
    inner.learn(x, Arrays.copyOfRange(memo, own, memo.length), label, weight);
  }

  @Override
  public int members() {
    return inner.members();
  }

  @Override
  public byte[] snapshot() {
    return envelope.write(
        out -> {
          temperatures.writeTo(out);
          byte[] ofInner = inner.snapshot();
          out.writeInt(ofInner.length);
          out.write(ofInner);
        });
  }

  @Override
  public void restore(byte[] snapshot) {
    Temperatures restored = new Temperatures(classes());
    inner.restore(read(snapshot, restored));
    temperatures = restored;
  }

  /** All members learn the same of how the whole is calibrated; the first one's word counts. */
  @Override
  public void restore(int member, byte[] snapshot) {
    Temperatures restored = new Temperatures(classes());
    inner.restore(member, read(snapshot, restored));
    temperatures = member == 0 ? restored : temperatures;
  }

  /**
   * Reads how it is calibrated, and returns the other's snapshot: nothing counts before all fits.
   */
  private byte[] read(byte[] snapshot, Temperatures restored) {
    byte[][] ofInner = new byte[1][];
    envelope.read(
        snapshot,
        in -> {
          restored.readFrom(in);
          ofInner[0] = Snapshot.nested(in);
        });
    return ofInner[0];
  }
}
