package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Several classifiers as one: the geometric mean of their probabilities. Each learns from every
 * example.
 *
 * <p>The mean of logarithms rather than of probabilities (a logarithmic opinion pool: C. Genest and
 * J. Zidek, "Combining probability distributions", Statistical Science 1986): what one member rules
 * out, the others cannot bring back.
 *
 * <p>Predicting allocates nothing beyond what members do. Not thread-safe.
 */
public final class BlendClassifier implements Classifier {

  /** Its name in configuration. */
  public static final String NAME = "blend";

  private static final int LAYOUT = 1;

  private final Snapshot envelope;
  private final List<Classifier> members;
  private final double[] answer;

  /**
   * @param schema what all members learn from
   * @param members at least one
   */
  public BlendClassifier(FeatureSchema schema, List<Classifier> members) {
    if (members.isEmpty()) {
      throw new IllegalArgumentException("A blend of nothing");
    }
    this.envelope = new Snapshot(NAME, LAYOUT, schema);
    this.members = List.copyOf(members);
    this.answer = new double[schema.classes()];
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int classes() {
    return answer.length;
  }

  @Override
  public void predict(FeatureVector x, double[] probabilities) {
    Arrays.fill(probabilities, 0);
    for (int member = 0; member < members.size(); member++) {
      members.get(member).predict(x, answer);
      addTo(probabilities);
    }
    Softmax.inPlace(probabilities);
  }

  private void addTo(double[] logarithms) {
    for (int label = 0; label < answer.length; label++) {
      logarithms[label] += StrictMath.log(answer[label]) / members.size();
    }
  }

  /** Its memo is those of the members, each behind its length. */
  @Override
  public byte[] answer(FeatureVector x, double[] probabilities) {
    Arrays.fill(probabilities, 0);
    List<byte[]> memos = new ArrayList<>(members.size());
    int length = 0;
    for (Classifier member : members) {
      byte[] memo = member.answer(x, answer);
      addTo(probabilities);
      memos.add(memo);
      length += Integer.BYTES + memo.length;
    }
    Softmax.inPlace(probabilities);
    ByteBuffer all = ByteBuffer.allocate(length);
    memos.forEach(memo -> all.putInt(memo.length).put(memo));
    return all.array();
  }

  @Override
  public void learn(FeatureVector x, byte[] memo, int label, double weight) {
    if (memo.length == 0) {
      learn(x, label, weight);
      return;
    }
    ByteBuffer all = ByteBuffer.wrap(memo);
    for (Classifier member : members) {
      byte[] own = new byte[all.getInt()];
      all.get(own);
      member.learn(x, own, label, weight);
    }
  }

  @Override
  public void learn(FeatureVector x, int label, double weight) {
    for (Classifier member : members) {
      member.learn(x, label, weight);
    }
  }

  @Override
  public byte[] snapshot() {
    return envelope.write(this::writeTo);
  }

  private void writeTo(DataOutput out) throws IOException {
    out.writeInt(members.size());
    for (Classifier member : members) {
      byte[] snapshot = member.snapshot();
      out.writeInt(snapshot.length);
      out.write(snapshot);
    }
  }

  @Override
  public void restore(byte[] snapshot) {
    envelope.read(snapshot, this::readFrom);
  }

  private void readFrom(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count != members.size()) {
      throw new IllegalArgumentException(
          "The snapshot is a blend of %d, this one of %d".formatted(count, members.size()));
    }
    for (Classifier member : members) {
      member.restore(Snapshot.nested(in));
    }
  }
}
