package io.attentionflow.serving;

import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.wire.Decoded;
import io.attentionflow.schema.wire.RecordCodec;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
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

  /** What a snapshot is published in, and the layout of its snapshot that is known here. */
  private static final RecordCodec<ModelUpdate> CODEC = RecordCodec.of(ModelUpdate.class);

  private static final int FORMAT = 1;

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
   * A model from the value of a record of the topic {@code model-updates}.
   *
   * @throws IOException if it cannot be served here
   */
  public static ClassifierServable of(byte[] record) throws IOException {
    return new ClassifierServable().setModelData(new ByteArrayInputStream(record));
  }

  /**
   * Takes a model, in place of the one before.
   *
   * @param modelData one stream: the record {@code ModelUpdate} as it stands in the topic or in a
   *     file of {@code model export}
   * @throws IOException if it is something else, or of other features or a layout unknown here; the
   *     model before is kept
   */
  @Override
  public ClassifierServable setModelData(InputStream... modelData) throws IOException {
    if (modelData.length != 1) {
      throw new IOException("a model is one stream, not " + modelData.length);
    }
    if (!(CODEC.decode(modelData[0].readAllBytes())
        instanceof Decoded.Value<ModelUpdate> decoded)) {
      throw new IOException("not a published model");
    }
    ModelUpdate update = decoded.value();
    loaded = new Loaded(update, classifier(update));
    return this;
  }

  private static Classifier classifier(ModelUpdate update) throws IOException {
    FeatureSchema tasks = FeatureSchema.ofTasks(ComplexityScale.DEFAULT);
    if (!update.getFeatureSchema().equals(tasks.id()) || update.getFormat() != FORMAT) {
      throw new IOException(
          "%s is of features %s in format %d; served are %s in format %d"
              .formatted(
                  update.getModel(),
                  update.getFeatureSchema(),
                  update.getFormat(),
                  tasks.id(),
                  FORMAT));
    }
    FeatureSchema schema =
        new FeatureSchema(
            tasks.id(), tasks.numbers(), tasks.keys(), tasks.tables(), update.getClasses().size());
    try {
      Classifier classifier = Learners.create(update.getModel(), schema, update.getSeed());
      classifier.restore(bytes(update.getSnapshot()));
      return classifier;
    } catch (IllegalArgumentException e) {
      throw new IOException("%s: %s".formatted(update.getModel(), e.getMessage()), e);
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
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
