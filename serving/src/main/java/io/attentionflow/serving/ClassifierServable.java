package io.attentionflow.serving;

import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.wire.Decoded;
import io.attentionflow.schema.wire.RecordCodec;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.ml.linalg.DenseVector;
import org.apache.flink.ml.linalg.Vectors;
import org.apache.flink.ml.param.Param;
import org.apache.flink.ml.servable.api.DataFrame;
import org.apache.flink.ml.servable.api.ModelServable;
import org.apache.flink.ml.servable.api.Row;
import org.apache.flink.ml.servable.types.BasicType;
import org.apache.flink.ml.servable.types.DataTypes;
import org.jspecify.annotations.Nullable;

/**
 * A published model that says in any JVM how heavy tasks will be: Flink ML's interface for serving,
 * without a Flink cluster.
 *
 * <pre>
 * topic model-updates, or a file of "model export" --> load --> transform(features) --> classes
 * </pre>
 *
 * <p>Reads the column {@value #FEATURES} (byte string, as {@link TaskFrame} writes it) and adds
 * three: {@value #PREDICTION} (string, the most probable class), {@value #PROBABILITIES} (vector of
 * doubles, one a class, lightest first) and {@value #MODEL_VERSION} (long). It answers as the job
 * does from the same snapshot and the same features.
 *
 * <p>Not thread-safe; load one a thread.
 */
public final class ClassifierServable implements ModelServable<ClassifierServable> {

  /** Column that is read. */
  public static final String FEATURES = "features";

  /** Columns that are added. */
  public static final String PREDICTION = "prediction";

  public static final String PROBABILITIES = "probabilities";
  public static final String MODEL_VERSION = "modelVersion";

  /** What a snapshot is published in. */
  private static final RecordCodec<ModelUpdate> CODEC = RecordCodec.of(ModelUpdate.class);

  private final Map<Param<?>, Object> parameters = new HashMap<>();
  private @Nullable Loaded loaded;

  /** A model, as published. */
  private record Loaded(ModelUpdate update, Classifier classifier) {}

  /**
   * Loads a model from a file that {@code model export} wrote.
   *
   * @throws IOException if there is none, or it cannot be served here
   */
  public static ClassifierServable load(Path file) throws IOException {
    return of(Files.readAllBytes(file));
  }

  /**
   * A model from the value of a record of the topic {@code model-updates}; of one whose members are
   * published each by itself, from the values of all, in any order.
   *
   * @throws IOException if it cannot be served here
   */
  public static ClassifierServable of(byte[]... records) throws IOException {
    InputStream[] modelData = new InputStream[records.length];
    for (int i = 0; i < records.length; i++) {
      modelData[i] = new ByteArrayInputStream(records[i]);
    }
    return new ClassifierServable().setModelData(modelData);
  }

  /**
   * Takes a model, in place of the one before.
   *
   * @param modelData the record {@code ModelUpdate} as it stands in the topic or in a file of
   *     {@code model export}; of a model whose members are published each by itself, one stream a
   *     member
   * @throws IOException if it is something else, or of other features or a layout unknown here; the
   *     model before is kept
   */
  @Override
  public ClassifierServable setModelData(InputStream... modelData) throws IOException {
    if (modelData.length == 0) {
      throw new IOException("a model is at least one stream");
    }
    List<ModelUpdate> members = new ArrayList<>();
    for (InputStream data : modelData) {
      if (!(CODEC.decode(data.readAllBytes()) instanceof Decoded.Value<ModelUpdate> decoded)) {
        throw new IOException("not a published model");
      }
      members.add(decoded.value());
    }
    ModelUpdate update = JoinedMembers.join(members);
    loaded = new Loaded(update, JoinedMembers.classifier(update));
    return this;
  }

  /** The learner's name. */
  public String model() {
    return loaded().update.getModel();
  }

  /** The version that was published. */
  public long version() {
    return loaded().update.getVersion();
  }

  /** Names of the classes, lightest first. */
  public List<String> classes() {
    return List.copyOf(loaded().update.getClasses());
  }

  private Loaded loaded() {
    if (loaded == null) {
      throw new IllegalStateException("No model was loaded");
    }
    return loaded;
  }

  /**
   * Classifies every row.
   *
   * @param input has the column {@value #FEATURES}; columns are added to it
   * @return {@code input}
   * @throws IllegalArgumentException if a row's features are not of the model's schema
   */
  @Override
  public DataFrame transform(DataFrame input) {
    Loaded model = loaded();
    int column = input.getIndex(FEATURES);
    if (column < 0) {
      throw new IllegalArgumentException("There is no column " + FEATURES);
    }
    List<String> predictions = new ArrayList<>();
    List<DenseVector> probabilities = new ArrayList<>();
    List<Long> versions = new ArrayList<>();
    for (Row row : input.collect()) {
      double[] answer = new double[model.classifier.classes()];
      model.classifier.predict(read(row.getAs(column)), answer);
      predictions.add(model.update.getClasses().get(largest(answer)));
      probabilities.add(Vectors.dense(answer));
      versions.add(model.update.getVersion());
    }
    input.addColumn(PREDICTION, DataTypes.STRING, predictions);
    input.addColumn(PROBABILITIES, DataTypes.VECTOR(BasicType.DOUBLE), probabilities);
    input.addColumn(MODEL_VERSION, DataTypes.LONG, versions);
    return input;
  }

  private static FeatureVector read(byte[] features) {
    try {
      return FeatureVector.readFrom(new DataInputStream(new ByteArrayInputStream(features)));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%d bytes are no features of a task".formatted(features.length), e);
    }
  }

  private static int largest(double[] probabilities) {
    int best = 0;
    for (int i = 1; i < probabilities.length; i++) {
      best = probabilities[i] > probabilities[best] ? i : best;
    }
    return best;
  }

  /** There are none: all that shapes an answer is in the model. */
  @Override
  public Map<Param<?>, Object> getParamMap() {
    return parameters;
  }
}
