package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.features.FeatureVector;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code classify} keeps what was answered until the task has ended. */
public enum AnswersLayout implements Layout<Answers> {
  INSTANCE;

  @Override
  public Class<Answers> type() {
    return Answers.class;
  }

  @Override
  public int version() {
    return 2;
  }

  @Override
  public void write(Answers answers, DataOutputView out) throws IOException {
    Fields.writeInt(answers.answers().size(), out);
    for (Answers.Answer answer : answers.answers()) {
      Fields.writeText(answer.model(), out);
      Fields.writeLong(answer.version(), out);
      Fields.writeInt(answer.probabilities().length, out);
      for (double probability : answer.probabilities()) {
        out.writeDouble(probability);
      }
      FeatureVector.writeCounts(answer.memo(), out);
    }
  }

  @Override
  public Answers read(int version, DataInputView in) throws IOException {
    int size = Fields.readInt(in);
    List<Answers.Answer> answers = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      answers.add(
          new Answers.Answer(
              Fields.readSharedText(in),
              Fields.readLong(in),
              readProbabilities(in),
              version == 1 ? Classifier.NO_MEMO : FeatureVector.readCounts(in)));
    }
    return new Answers(answers);
  }

  private static double[] readProbabilities(DataInputView in) throws IOException {
    double[] probabilities = new double[Fields.readInt(in)];
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = in.readDouble();
    }
    return probabilities;
  }
}
