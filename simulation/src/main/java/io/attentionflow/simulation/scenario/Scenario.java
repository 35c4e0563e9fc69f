package io.attentionflow.simulation.scenario;

import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.simulation.trace.TraceNode;
import io.attentionflow.simulation.yaml.YamlException;
import io.attentionflow.simulation.yaml.YamlRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A simulated world as a person writes it down; what each key means is explained at the head of
 * {@code config/scenarios/general.yaml}.
 *
 * @param name used in task ids
 * @param description a sentence for people
 * @param pool the pool that all of its nodes and tasks belong to
 * @param startHour hour of the day, from 0, at which the simulated clock begins
 * @param speedup how many times faster than real time a demonstration runs it unless told
 *     otherwise, above 0; {@link #STANDARD_SPEEDUP} if left out
 * @param nodes the cluster, at least one group
 * @param failures what goes wrong
 * @param tenants who submits, at least one
 * @param taskTypes what is submitted, at least one
 */
public record Scenario(
    String name,
    String description,
    String pool,
    int startHour,
    Double speedup,
    List<NodeGroup> nodes,
    Failures failures,
    List<Tenant> tenants,
    List<TaskType> taskTypes) {

  /**
   * Two hours of work in 36 seconds: heavy tasks end while one watches, and a command that takes a
   * second to appear does not keep nodes waiting for long. Where most tasks are so short that it
   * does, a scenario says less.
   */
  public static final double STANDARD_SPEEDUP = 200;

  public Scenario {
    name = given("name", name);
    description = description == null ? "" : description;
    pool = given("pool", pool);
    check(startHour >= 0 && startHour < 24, "startHour is %s", startHour);
    speedup = speedup == null ? STANDARD_SPEEDUP : speedup;
    check(speedup > 0 && speedup < 1e9, "speedup is %s", speedup);
    nodes = someOf("nodes", nodes);
    failures = failures == null ? Failures.NONE : failures;
    tenants = someOf("tenants", tenants);
    taskTypes = someOf("taskTypes", taskTypes);
    Set<String> known = new HashSet<>();
    for (Tenant tenant : tenants) {
      check(known.add(tenant.name), "tenant %s twice", tenant.name);
    }
    Set<String> types = new HashSet<>();
    for (TaskType type : taskTypes) {
      check(types.add(type.name), "task type %s twice", type.name);
      for (String tenant : type.tenants) {
        check(known.contains(tenant), "%s: no tenant %s", type.name, tenant);
      }
    }
    Set<String> groups = new HashSet<>();
    for (NodeGroup group : nodes) {
      check(groups.add(group.name), "node group %s twice", group.name);
    }
  }

  /**
   * Equal nodes, named {@code name-1}, {@code name-2} and so on.
   *
   * @param count how many, at least 1
   * @param cpus cores of each
   * @param memoryGib memory of each
   * @param gpus GPUs of each
   * @param gpuModel their model; null: none or any
   * @param ioMibps throughput of each
   * @param labels anything else, such as a zone
   */
  public record NodeGroup(
      String name,
      int count,
      double cpus,
      double memoryGib,
      int gpus,
      @Nullable String gpuModel,
      long ioMibps,
      Map<String, String> labels) {
    public NodeGroup {
      name = given("nodes: name", name);
      check(count >= 1, "%s: count is %s", name, count);
      check(cpus > 0 && memoryGib > 0 && gpus >= 0, "%s: cpus or memoryGib missing", name);
      labels = labels == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(labels));
    }
  }

  /**
   * What goes wrong.
   *
   * @param taskShare share of tasks that fail part of the way, from 0 to 1
   * @param outOfMemoryShare share of tasks that outgrow their memory part of the way, from 0 to 1
   * @param nodeLossesPerDay how often each node falls silent, in simulated days
   * @param nodeDownMinutes for how long, simulated
   */
  public record Failures(
      double taskShare, double outOfMemoryShare, double nodeLossesPerDay, double nodeDownMinutes) {

    /** Nothing goes wrong. */
    public static final Failures NONE = new Failures(0, 0, 0, 0);

    public Failures {
      check(taskShare >= 0 && taskShare <= 1, "failures: taskShare is %s", taskShare);
      check(
          outOfMemoryShare >= 0 && taskShare + outOfMemoryShare <= 1,
          "failures: outOfMemoryShare is %s",
          outOfMemoryShare);
      check(nodeLossesPerDay >= 0, "failures: nodeLossesPerDay is %s", nodeLossesPerDay);
      check(nodeDownMinutes >= 0, "failures: nodeDownMinutes is %s", nodeDownMinutes);
    }
  }

  /**
   * Who submits.
   *
   * @param share how much, beside the others, above 0
   */
  public record Tenant(String name, double share) {
    public Tenant {
      name = given("tenants: name", name);
      check(share > 0, "tenant %s: share is %s", name, share);
    }
  }

  /** Who or what decides which variant of its type a task is. */
  public enum VariantBy {
    /** Each task anew. */
    TASK,
    /** Each tenant keeps to one, for ever; which one, the seed decides. */
    TENANT,
    /** Each tenant keeps to one for some tasks, then draws again. */
    CAMPAIGN
  }

  /**
   * A kind of work.
   *
   * @param perHour how many are submitted in an hour, averaged over a day
   * @param byHour weight of each hour of the day, 24 of them; empty: all the same
   * @param tenants who submits it; empty: all
   * @param priority higher is more important
   * @param deadlineFactor the deadline is this many times its expected run time after submission;
   *     null: no deadline
   * @param gpuModels models of GPU it can use; empty: any
   * @param attributes known at submission, the same for all
   * @param estimate how submitters estimate the run time; null: they don't
   * @param variantBy who or what decides about the variant
   * @param variantVisible whether the variant is an attribute of the task, or hidden
   * @param campaignTasks tasks in a campaign on average, at least 1
   * @param tenantSpread how much run times differ from tenant to tenant: standard deviation of the
   *     logarithm
   * @param variants its variants, at least one
   */
  public record TaskType(
      String name,
      double perHour,
      List<Double> byHour,
      List<String> tenants,
      int priority,
      Qos qos,
      @Nullable Double deadlineFactor,
      List<String> gpuModels,
      Map<String, String> attributes,
      @Nullable Estimate estimate,
      VariantBy variantBy,
      boolean variantVisible,
      double campaignTasks,
      double tenantSpread,
      List<Variant> variants) {
    public TaskType {
      name = given("taskTypes: name", name);
      check(perHour > 0 && perHour < 1e9, "%s: perHour is %s", name, perHour);
      byHour = byHour == null ? List.of() : List.copyOf(byHour);
      check(
          byHour.isEmpty() || byHour.size() == 24,
          "%s: byHour has %s numbers, not 24",
          name,
          byHour.size());
      check(
          byHour.isEmpty()
              || (byHour.stream().allMatch(weight -> weight >= 0)
                  && byHour.stream().anyMatch(weight -> weight > 0)),
          "%s: byHour is %s",
          name,
          byHour);
      tenants = tenants == null ? List.of() : List.copyOf(tenants);
      qos = qos == null ? Qos.BURSTABLE : qos;
      check(
          deadlineFactor == null || deadlineFactor > 0,
          "%s: deadlineFactor is %s",
          name,
          deadlineFactor);
      gpuModels = gpuModels == null ? List.of() : List.copyOf(gpuModels);
      attributes =
          attributes == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(attributes));
      variantBy = variantBy == null ? VariantBy.TASK : variantBy;
      check(
          variantBy != VariantBy.CAMPAIGN || campaignTasks >= 1,
          "%s: campaignTasks is %s",
          name,
          campaignTasks);
      check(tenantSpread >= 0, "%s: tenantSpread is %s", name, tenantSpread);
      variants = someOf(name + ": variants", variants);
    }
  }

  /**
   * How submitters estimate a run time: from what tasks of their own usually take, too long by a
   * factor, rounded up as people do.
   *
   * @param share of tasks that come with an estimate, from 0 to 1
   * @param factor too long by this factor in the median
   * @param spread standard deviation of that factor's logarithm
   */
  public record Estimate(double share, double factor, double spread) {
    public Estimate {
      check(share >= 0 && share <= 1, "estimate: share is %s", share);
      check(factor > 0 && spread >= 0, "estimate: factor is %s", factor);
    }
  }

  /**
   * One form that a type of task takes.
   *
   * @param share how frequent, beside the others, above 0
   * @param cpus cores asked for
   * @param memoryGib memory asked for
   * @param gpus GPUs asked for
   * @param gpuShare how much of its GPU a task of one GPU asks for, above 0 and at most 1; 0: all
   * @param ioMibps throughput asked for
   * @param inputMib median size of the input; 0: none
   * @param inputSpread standard deviation of the logarithm of that size
   * @param inputExponent run time grows as the input's size to this power
   * @param medianSeconds median run time, at the median input, of the middle tenant
   * @param spread standard deviation of the run time's logarithm once all else is known: the part
   *     that no model can learn
   * @param cpuUse share of the cores that it uses at its peak
   * @param memoryUse share of the memory that it uses at its peak in the median
   */
  public record Variant(
      String name,
      double share,
      double cpus,
      double memoryGib,
      int gpus,
      double gpuShare,
      long ioMibps,
      double inputMib,
      double inputSpread,
      double inputExponent,
      double medianSeconds,
      double spread,
      double cpuUse,
      double memoryUse) {
    public Variant {
      name = given("variants: name", name);
      check(share > 0, "variant %s: share is %s", name, share);
      check(cpus > 0 && memoryGib > 0, "variant %s: cpus or memoryGib missing", name);
      check(
          gpus >= 0 && gpuShare >= 0 && gpuShare <= 1 && (gpus <= 1 || gpuShare % 1 == 0),
          "variant %s: %s of each of its GPUs",
          name,
          gpuShare);
      check(ioMibps >= 0, "variant %s: ioMibps is %s", name, ioMibps);
      check(inputMib >= 0 && inputSpread >= 0, "variant %s: inputMib is %s", name, inputMib);
      check(
          medianSeconds > 0 && medianSeconds < 1e8,
          "variant %s: medianSeconds is %s",
          name,
          medianSeconds);
      check(spread >= 0 && spread < 5, "variant %s: spread is %s", name, spread);
      check(cpuUse > 0 && cpuUse <= 1, "variant %s: cpuUse is %s", name, cpuUse);
      check(memoryUse > 0 && memoryUse <= 1, "variant %s: memoryUse is %s", name, memoryUse);
    }

    /** What its submitter asks for. */
    Resources request() {
      return new Resources(
          Math.round(cpus * 1000),
          Math.round(memoryGib * 1024),
          gpus,
          gpus == 0 ? 0 : gpus > 1 || gpuShare == 0 ? 1000 : Math.round(gpuShare * 1000),
          ioMibps);
    }
  }

  /**
   * Reads a scenario.
   *
   * @throws YamlException if it is no scenario; the message names the file, the place and the
   *     reason
   * @throws IOException if the file cannot be read
   */
  public static Scenario read(Path file) throws IOException {
    return YamlRecords.read(file, Scenario.class);
  }

  /** The same from text; {@code name} is for messages. */
  public static Scenario parse(String name, String yaml) throws YamlException {
    return YamlRecords.parse(name, yaml, Scenario.class);
  }

  /** The nodes of the cluster, group after group. */
  public List<TraceNode> cluster() {
    List<TraceNode> cluster = new ArrayList<>();
    for (NodeGroup group : nodes) {
      Resources capacity =
          new Resources(
              Math.round(group.cpus * 1000),
              Math.round(group.memoryGib * 1024),
              group.gpus,
              group.gpus == 0 ? 0 : 1000,
              group.ioMibps);
      for (int i = 1; i <= group.count; i++) {
        cluster.add(
            new TraceNode(
                group.name + "-" + i, pool, capacity, group.gpuModel, new TreeMap<>(group.labels)));
      }
    }
    return cluster;
  }

  private static String given(String key, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(key + " is missing");
    }
    return value;
  }

  private static <T> List<T> someOf(String key, @Nullable List<T> values) {
    if (values == null || values.isEmpty()) {
      throw new IllegalArgumentException(key + " is empty");
    }
    return List.copyOf(values);
  }

  private static void check(boolean condition, String message, @Nullable Object... values) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, message, values));
    }
  }
}
