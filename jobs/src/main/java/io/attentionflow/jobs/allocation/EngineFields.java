package io.attentionflow.jobs.allocation;

import static io.attentionflow.jobs.layout.Fields.readInstant;
import static io.attentionflow.jobs.layout.Fields.readInt;
import static io.attentionflow.jobs.layout.Fields.readLong;
import static io.attentionflow.jobs.layout.Fields.readName;
import static io.attentionflow.jobs.layout.Fields.readOptionalDuration;
import static io.attentionflow.jobs.layout.Fields.readOptionalInstant;
import static io.attentionflow.jobs.layout.Fields.readSharedText;
import static io.attentionflow.jobs.layout.Fields.readText;
import static io.attentionflow.jobs.layout.Fields.readTextMap;
import static io.attentionflow.jobs.layout.Fields.readTexts;
import static io.attentionflow.jobs.layout.Fields.writeInstant;
import static io.attentionflow.jobs.layout.Fields.writeInt;
import static io.attentionflow.jobs.layout.Fields.writeLong;
import static io.attentionflow.jobs.layout.Fields.writeName;
import static io.attentionflow.jobs.layout.Fields.writeOptionalDuration;
import static io.attentionflow.jobs.layout.Fields.writeOptionalInstant;
import static io.attentionflow.jobs.layout.Fields.writeText;
import static io.attentionflow.jobs.layout.Fields.writeTextMap;
import static io.attentionflow.jobs.layout.Fields.writeTexts;

import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.Probabilities;
import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.ShardPlacement;
import io.attentionflow.allocation.TaskRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * The engine's records as parts of layouts. A change here is a new version of every user that is
 * kept in state.
 */
final class EngineFields {

  /** The classes that were read last, by whichever thread. */
  private static volatile List<String> latestClasses = List.of();

  /** Written as a number: these, for ever, whatever classes are configured by default. */
  private static final List<String> USUAL_CLASSES =
      List.of("LIGHT", "MODERATE", "HEAVY", "EXTREME");

  /** In place of how many classes follow: the usual ones, and none is written. */
  private static final int USUAL = -1;

  /** In place of a text's length, less the place among the classes: the text is that class. */
  private static final int BY_PLACE = -1;

  private EngineFields() {}

  static void writeResources(Resources resources, DataOutputView out) throws IOException {
    writeLong(resources.cpuMillis(), out);
    writeLong(resources.memoryMib(), out);
    writeInt(resources.gpuCount(), out);
    writeLong(resources.gpuMillis(), out);
    writeLong(resources.ioMibps(), out);
  }

  static Resources readResources(DataInputView in) throws IOException {
    return new Resources(readLong(in), readLong(in), readInt(in), readLong(in), readLong(in));
  }

  static void writeTask(TaskRequest task, DataOutputView out) throws IOException {
    writeText(task.taskId(), out);
    writeText(task.tenant(), out);
    writeText(task.taskType(), out);
    writeInstant(task.submittedAt(), out);
    writeResources(task.request(), out);
    writeOptionalDuration(task.requestedDuration(), out);
    writeInt(task.priority(), out);
    writeName(task.qos(), out);
    writeOptionalInstant(task.deadline(), out);
    writeInt(task.minShards(), out);
    writeInt(task.maxShards(), out);
    writeTexts(task.gpuModels(), out);
  }

  static TaskRequest readTask(DataInputView in) throws IOException {
    return new TaskRequest(
        readText(in),
        readSharedText(in),
        readSharedText(in),
        readInstant(in),
        readResources(in),
        readOptionalDuration(in),
        readInt(in),
        readName(Qos.class, in),
        readOptionalInstant(in),
        readInt(in),
        readInt(in),
        readTexts(in));
  }

  static void writePrediction(Prediction prediction, DataOutputView out) throws IOException {
    int place = prediction.classes().indexOf(prediction.complexity());
    if (place >= 0) {
      writeInt(BY_PLACE - place, out);
    } else {
      writeText(prediction.complexity(), out);
    }
    writeClasses(prediction.classes(), out);
    for (int i = 0; i < prediction.classes().size(); i++) {
      out.writeDouble(prediction.probabilities().get(i));
    }
    writeOptionalDuration(prediction.expectedDuration(), out);
    writeOptionalDuration(prediction.durationP50(), out);
    writeOptionalDuration(prediction.durationP90(), out);
    writeOptionalDuration(prediction.durationP95(), out);
    writeOptionalResources(prediction.expectedUsage(), out);
    writeOptionalResources(prediction.usageP95(), out);
    writeLong(prediction.modelVersion(), out);
    out.writeDouble(prediction.drift());
  }

  private static void writeClasses(List<String> classes, DataOutputView out) throws IOException {
    if (classes.equals(USUAL_CLASSES)) {
      writeInt(USUAL, out);
    } else {
      writeTexts(classes, out);
    }
  }

  static void writeOptionalResources(@Nullable Resources resources, DataOutputView out)
      throws IOException {
    out.writeBoolean(resources != null);
    if (resources != null) {
      writeResources(resources, out);
    }
  }

  static Prediction readPrediction(DataInputView in) throws IOException {
    int place = readInt(in);
    String text = place < 0 ? null : readSharedText(place, in);
    List<String> classes = readClasses(in);
    String complexity = text == null ? classes.get(BY_PLACE - place) : text;
    double[] probabilities = new double[classes.size()];
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = in.readDouble();
    }
    return new Prediction(
        complexity,
        classes,
        Probabilities.of(probabilities),
        readOptionalDuration(in),
        readOptionalDuration(in),
        readOptionalDuration(in),
        readOptionalDuration(in),
        readOptionalResources(in),
        readOptionalResources(in),
        readLong(in),
        in.readDouble());
  }

  static @Nullable Resources readOptionalResources(DataInputView in) throws IOException {
    return in.readBoolean() ? readResources(in) : null;
  }

  private static List<String> readClasses(DataInputView in) throws IOException {
    int size = readInt(in);
    if (size == USUAL) {
      return USUAL_CLASSES;
    }
    List<String> classes = readTexts(size, in);
    List<String> known = latestClasses;
    if (known.equals(classes)) {
      return known;
    }
    List<String> copy = List.copyOf(classes);
    latestClasses = copy;
    return copy;
  }

  static void writePlacement(ShardPlacement placement, DataOutputView out) throws IOException {
    writeInt(placement.shard(), out);
    writeText(placement.nodeId(), out);
    writeResources(placement.resources(), out);
    writeInt(placement.gpuIndices().size(), out);
    for (int index : placement.gpuIndices()) {
      writeInt(index, out);
    }
  }

  static ShardPlacement readPlacement(DataInputView in) throws IOException {
    int shard = readInt(in);
    String nodeId = readSharedText(in);
    Resources resources = readResources(in);
    int size = readInt(in);
    List<Integer> gpuIndices = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      gpuIndices.add(readInt(in));
    }
    return new ShardPlacement(shard, nodeId, resources, gpuIndices);
  }

  /** As text, so that a policy of an older release is read with what was added since at default. */
  static void writePolicy(PoolPolicy policy, DataOutputView out) throws IOException {
    writeLong(policy.version(), out);
    writeTextMap(PolicySettings.format(policy), out);
  }

  static PoolPolicy readPolicy(DataInputView in) throws IOException {
    long version = readLong(in);
    return PolicySettings.parse(readTextMap(in), PoolPolicy.defaults().withVersion(version));
  }
}
