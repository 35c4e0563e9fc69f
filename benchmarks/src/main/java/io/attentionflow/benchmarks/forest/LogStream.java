package io.attentionflow.benchmarks.forest;

import com.yahoo.labs.samoa.instances.Attribute;
import com.yahoo.labs.samoa.instances.DenseInstance;
import com.yahoo.labs.samoa.instances.Instance;
import com.yahoo.labs.samoa.instances.Instances;
import com.yahoo.labs.samoa.instances.InstancesHeader;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.Evidence;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.OpenTask;
import io.attentionflow.learning.features.OpenTasks;
import io.attentionflow.learning.features.TaskOutcome;
import io.attentionflow.learning.features.TenantHistory;
import io.attentionflow.learning.features.TenantProfiler;
import io.attentionflow.simulation.trace.SwfTrace;
import io.attentionflow.simulation.trace.TraceTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a log as a stream of labelled rows whose labels come late: a task is asked about
 * when it is submitted, with the features that the job would make, and learned from when it has
 * ended by the log's own wait and run.
 *
 * <p>Rows are of numbers alone, so that both learners are given the very same: the numeric
 * features, and of each table of evidence the class that it expects. Keys, such as the name of a
 * tenant, are left out: to split by one, MOA's trees would make a branch for each of its thousands
 * of values.
 */
final class LogStream {

  private static final ComplexityScale SCALE = ComplexityScale.DEFAULT;

  private final Map<String, TenantProfiler> profilers = new HashMap<>();
  private final KeptTasks kept = new KeptTasks();
  private final Map<String, Integer> rowOf = new HashMap<>();
  private final List<double[]> numbers = new ArrayList<>();
  private final List<Integer> labels = new ArrayList<>();
  private final List<Integer> order = new ArrayList<>();

  private LogStream() {}

  /**
   * Reads a log in the Standard Workload Format.
   *
   * @param examples the most tasks to take
   */
  static Rows read(Path file, int examples) throws IOException {
    List<TraceTask> tasks =
        SwfTrace.read(file, SwfTrace.Protocol.LEARNING).slice(0, examples).tasks();
    LogStream stream = new LogStream();
    stream.follow(tasks);
    return stream.rows(Rows.nameOf(file));
  }

  /** Something the log says of a task, at a time. */
  private record Entry(long atMillis, long sequence, TraceTask task, boolean ends) {}

  private void follow(List<TraceTask> tasks) {
    PriorityQueue<Entry> entries =
        new PriorityQueue<>(
            Comparator.comparingLong(Entry::atMillis).thenComparingLong(Entry::sequence));
    long sequence = 0;
    for (TraceTask task : tasks) {
      long at = task.submittedAt().toEpochMilli();
      for (Entry next = entries.peek();
          next != null && next.atMillis <= at;
          next = entries.peek()) {
        take(entries.remove());
      }
      if (!task.truth().ends()) {
        continue;
      }
      submitted(task);
      Long waited = task.truth().loggedWaitMillis();
      long start = at + (waited == null ? 0 : waited);
      entries.add(new Entry(start, sequence++, task, false));
      entries.add(new Entry(start + task.truth().durationMillis(), sequence++, task, true));
    }
    while (!entries.isEmpty()) {
      take(entries.remove());
    }
  }

  private void submitted(TraceTask task) {
    FeatureVector x = profiler(task).submitted(task.facts()).features();
    int row = numbers.size();
    rowOf.put(task.taskId(), row);
    numbers.add(numbersOf(x));
    labels.add(-1);
    order.add(row);
  }

  private void take(Entry entry) {
    TenantProfiler profiler = profiler(entry.task);
    if (!entry.ends) {
      profiler.started(entry.task.taskId(), entry.atMillis);
      return;
    }
    long run = entry.task.truth().durationMillis();
    LabelledExample example =
        profiler.ended(entry.task.taskId(), new TaskOutcome(entry.atMillis, run, true, 0, 0, 0));
    Integer row = rowOf.remove(entry.task.taskId());
    if (example != null && row != null) {
      labels.set(row, example.label());
      order.add(~row);
    }
    profiler.forget(entry.task.taskId());
  }

  private TenantProfiler profiler(TraceTask task) {
    return profilers.computeIfAbsent(
        task.request().tenant(),
        tenant -> new TenantProfiler(SCALE, new TenantHistory(SCALE.classes()), kept));
  }

  /** Numbers, then the mean class of each table. */
  private static double[] numbersOf(FeatureVector x) {
    int classes = SCALE.classes();
    int tables = x.evidence().length / (2 * classes);
    int plain = x.numbers().length;
    double[] all = new double[plain + tables];
    System.arraycopy(x.numbers(), 0, all, 0, plain);
    for (int table = 0; table < tables; table++) {
      double total = 0;
      double sum = 0;
      for (int label = 0; label < classes; label++) {
        double counted = Evidence.decode(x.evidence()[(table * 2 + 1) * classes + label]);
        total += counted;
        sum += label * counted;
      }
      all[plain + table] = total == 0 ? Double.NaN : sum / total;
    }
    return all;
  }

  private Rows rows(String name) {
    FeatureSchema tasks = FeatureSchema.ofTasks(SCALE);
    List<String> names = new ArrayList<>(tasks.numbers());
    names.addAll(tasks.tables());
    List<Attribute> attributes = new ArrayList<>();
    names.forEach(number -> attributes.add(new Attribute(number)));
    attributes.add(new Attribute("class", SCALE.names()));
    InstancesHeader header = new InstancesHeader(new Instances(name, attributes, 0));
    header.setClassIndex(names.size());
    List<Instance> instances = new ArrayList<>();
    List<FeatureVector> vectors = new ArrayList<>();
    for (int row = 0; row < numbers.size(); row++) {
      double[] values = numbers.get(row);
      Instance instance = new DenseInstance(names.size() + 1);
      instance.setDataset(header);
      for (int i = 0; i < values.length; i++) {
        instance.setValue(i, values[i]);
      }
      instance.setClassValue(labels.get(row));
      instances.add(instance);
      vectors.add(new FeatureVector(values, new long[0]));
    }
    FeatureSchema schema = FeatureSchema.ofRows(name + "/1", names, List.of(), SCALE.classes());
    return new Rows(
        name,
        header,
        instances,
        vectors,
        schema,
        order.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Tasks between their submission and their end. */
  private static final class KeptTasks implements OpenTasks {
    private final Map<String, OpenTask> tasks = new HashMap<>();

    @Override
    public @Nullable OpenTask get(String taskId) {
      return tasks.get(taskId);
    }

    @Override
    public void put(OpenTask task) {
      tasks.put(task.facts().taskId(), task);
    }

    @Override
    public void remove(String taskId) {
      tasks.remove(taskId);
    }
  }
}
