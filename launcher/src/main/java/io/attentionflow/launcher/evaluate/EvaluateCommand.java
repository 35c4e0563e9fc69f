package io.attentionflow.launcher.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.RightSizing;
import io.attentionflow.allocation.TieBreak;
import io.attentionflow.jobs.allocation.PipelineOptions;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.DurationConverter;
import io.attentionflow.launcher.ExistingFile;
import io.attentionflow.launcher.Failure;
import io.attentionflow.launcher.FileReason;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.simulation.cluster.SimulatedAgents;
import io.attentionflow.simulation.evaluate.DecisionSink;
import io.attentionflow.simulation.evaluate.Evaluation;
import io.attentionflow.simulation.evaluate.EvaluationOptions;
import io.attentionflow.simulation.evaluate.EvaluationOptions.Labels;
import io.attentionflow.simulation.evaluate.EvaluationReport;
import io.attentionflow.simulation.evaluate.RowsEvaluation;
import io.attentionflow.simulation.trace.ArffRows;
import io.attentionflow.simulation.trace.CsvMapping;
import io.attentionflow.simulation.trace.LabelledRows;
import io.attentionflow.simulation.trace.LineCount;
import io.attentionflow.simulation.trace.SwfTrace;
import io.attentionflow.simulation.trace.Trace;
import io.attentionflow.simulation.trace.TraceFile;
import io.attentionflow.simulation.trace.TraceFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says how well a trace would have been allocated and learned from. */
@Command(
    name = "evaluate",
    description = {
      "Runs a trace through the engines of the job in virtual time, without Kafka, and reports"
          + " how well it was learned from and allocated.",
      "",
      "Exit code 1 also if an invariant was violated; the report is printed then, too."
    })
public final class EvaluateCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Options that say how tasks are allocated. */
  private static final List<String> OF_ALLOCATION =
      List.of(
          "--ordering",
          "--placement",
          "--placement-ties",
          "--backfill",
          "--patience",
          "--durations",
          "--rightsizing");

  /** Options that mean nothing where there are no tasks. */
  private static final List<String> OF_TASKS =
      Stream.concat(
              OF_ALLOCATION.stream(),
              Stream.of(
                  "--nodes",
                  "--mapping",
                  "--inflate",
                  "--labels",
                  "--decisions",
                  "--class-bounds",
                  "--classes"))
          .toList();

  private final Console console;

  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "FILE",
      converter = ExistingFile.class,
      description = "The trace, plain or packed by gzip or zip.")
  private Path file;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      converter = Choice.Format.class,
      completionCandidates = Choice.Format.class,
      description =
          "What the trace is written in: ${COMPLETION-CANDIDATES}. swf: a log in the Standard"
              + " Workload Format. openb: pods of the Alibaba cluster trace of 2023, as CSV."
              + " jsonl: a task event a line, with its outcome. csv: any table of tasks, with"
              + " --mapping. arff: rows with a class, to learn from only; labels are known at once."
              + " Default: by the file's name, where that ends in .swf, .jsonl or .arff, packed or"
              + " not.")
  private @Nullable TraceFormat givenFormat;

  @Option(
      names = "--nodes",
      paramLabel = "FILE",
      converter = ExistingFile.class,
      description =
          "The cluster, as the nodes of the Alibaba cluster trace of 2023, CSV. openb needs it;"
              + " jsonl and csv take it where the trace itself names no nodes.")
  private @Nullable Path nodes;

  @Option(
      names = "--mapping",
      paramLabel = "FILE",
      converter = ExistingFile.class,
      description =
          "csv: what its columns mean, in YAML. config/adapters has samples, and a template that"
              + " explains each key.")
  private @Nullable Path mappingFile;

  @Option(
      names = "--class-attribute",
      paramLabel = "NAME",
      description = "arff: the attribute that is the class. Default: the last.")
  private @Nullable String classAttribute;

  @Option(
      names = "--class-bounds",
      paramLabel = "DURATION",
      split = ",",
      converter = DurationConverter.class,
      description =
          "The longest run time of each class of complexity but the last, such as 60s,10m,2h."
              + " Default: as the mapping says, else as the job's.")
  private @Nullable List<Duration> classBounds;

  @Option(
      names = "--classes",
      paramLabel = "NAME",
      split = ",",
      description =
          "Names of the classes, lightest first, one more than bounds. Default: those of the job"
              + " if there are as many, else CLASS_1 and so on.")
  private @Nullable List<String> classNames;

  @Option(
      names = "--start",
      paramLabel = "N",
      defaultValue = "0",
      description = "Leave out the first N tasks.")
  private int start;

  @Option(names = "--count", paramLabel = "N", description = "Take N tasks at most. Default: all.")
  private @Nullable Integer count;

  @Option(
      names = "--inflate",
      paramLabel = "RATIO",
      description =
          "openb: draw pods with replacement until they ask for so many times the GPUs of the"
              + " cluster. They come one by one and never leave; what does not fit is turned away."
              + " 1.3 is as published.")
  private @Nullable Double inflate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of everything that is drawn. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--ordering",
      paramLabel = "NAME",
      converter = Choice.Ordering.class,
      completionCandidates = Choice.Ordering.class,
      description = "Order of the queue: ${COMPLETION-CANDIDATES}. Default: as the job's.")
  private PoolPolicy.@Nullable Ordering ordering;

  @Option(
      names = "--placement",
      paramLabel = "NAME",
      converter = Choice.Placement.class,
      completionCandidates = Choice.Placement.class,
      description = "Choice of the node: ${COMPLETION-CANDIDATES}. Default: as the job's.")
  private PoolPolicy.@Nullable Placement placement;

  @Option(
      names = "--placement-ties",
      paramLabel = "NAME",
      converter = Choice.Ties.class,
      completionCandidates = Choice.Ties.class,
      description =
          "Which of the nodes with the best score wins: ${COMPLETION-CANDIDATES}. Default: as the"
              + " job's.")
  private @Nullable TieBreak ties;

  @Option(
      names = "--backfill",
      paramLabel = "NAME",
      converter = Choice.Backfill.class,
      completionCandidates = Choice.Backfill.class,
      description =
          "What may start before the first of the queue without delaying it:"
              + " ${COMPLETION-CANDIDATES}. easy: asked in the order of the queue."
              + " easy-shortest: by run time, shortest first. Default: as the job's.")
  private PoolPolicy.@Nullable Backfill backfill;

  @Option(
      names = "--patience",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description =
          "Who has waited for so long goes before all others, and is overtaken by none whose limit"
              + " says it could delay that one, such as 72h. Default: as the job's; never with fcfs,"
              + " so that it is EASY as published.")
  private @Nullable Duration patience;

  @Option(
      names = "--durations",
      paramLabel = "NAME",
      converter = Choice.Durations.class,
      completionCandidates = Choice.Durations.class,
      description =
          "Run times that decisions count on: ${COMPLETION-CANDIDATES}. requested: the"
              + " submitter's estimate. predicted: what was learned. actual: the true one, a bound"
              + " that no prediction can pass. Default: predicted.")
  private EvaluationOptions.@Nullable Durations durations;

  @Option(
      names = "--rightsizing",
      paramLabel = "NAME",
      converter = Choice.Sizing.class,
      completionCandidates = Choice.Sizing.class,
      description =
          "Whether requests are cut to what tasks use: ${COMPLETION-CANDIDATES}. shadow: only"
              + " reckoned. on: a task that gets less than it requests runs slower if it lacks CPU,"
              + " and out of memory if it lacks that. Default: as the job's.")
  private RightSizing.@Nullable Mode rightSizing;

  @Option(
      names = "--learner",
      paramLabel = "NAME",
      converter = Choice.Learner.class,
      completionCandidates = Choice.Learner.class,
      description =
          "Whose answers decisions see, of ${COMPLETION-CANDIDATES}; all are scored."
              + " Default: as the job's.")
  private @Nullable String learner;

  @Option(
      names = "--labels",
      paramLabel = "NAME",
      converter = Choice.Labels.class,
      completionCandidates = Choice.Labels.class,
      description = {
        "When the end of a task is known: ${COMPLETION-CANDIDATES}. Default: simulated.",
        "simulated: when the simulated cluster ends it. Of swf, jobs count that fit the machine"
            + " and name a run time, if any does, and are cut at it, as published results on"
            + " scheduling have it.",
        "logged: when it ended where the trace was taken; nothing is allocated. Of swf, all jobs"
            + " count that ran, with the run time of the log, as published results on learning"
            + " have it."
      })
  private @Nullable Labels labels;

  @Option(names = "--report", paramLabel = "FILE", description = "Write the report there, too.")
  private @Nullable Path report;

  @Option(
      names = "--decisions",
      paramLabel = "FILE",
      description = "Write every decision there, as JSON lines.")
  private @Nullable Path decisions;

  /** For picocli, which fills the rest in. */
  public EvaluateCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (format() == TraceFormat.ARFF) {
      return evaluateRows();
    }
    CsvMapping mapping = mapping();
    EvaluationOptions options = options(mapping);
    TraceFile wanted = traceFile(options.labels(), mapping);
    checkReport();
    Trace trace = read(wanted);
    checkTrace(trace, options.labels());
    EvaluationReport result = run(trace, options);
    console.result(JSON.valueToTree(result));
    write(result);
    return exitCode(result);
  }

  private Duration patience(PoolPolicy policy) {
    if (patience != null) {
      return patience;
    }
    return ordering == PoolPolicy.Ordering.FCFS ? PoolPolicy.FOR_EVER : policy.patience();
  }

  /** Fails if what must never be has been. */
  static int exitCode(EvaluationReport report) {
    return report.invariants() != null && report.invariants().violated() > 0
        ? ExitCode.SOFTWARE
        : ExitCode.OK;
  }

  /** Rows teach at once, and there is nothing to allocate. */
  private Integer evaluateRows() {
    for (String option : OF_TASKS) {
      if (command.commandLine().getParseResult().hasMatchedOption(option)) {
        throw wrong(option + " does not go with --format arff: there are rows, and no tasks");
      }
    }
    checkStretch();
    checkReport();
    String served = learner == null ? PipelineOptions.defaults().learning().serving() : learner;
    LabelledRows rows;
    try {
      rows = ArffRows.read(file, classAttribute, start, count == null ? Integer.MAX_VALUE : count);
    } catch (IOException e) {
      throw new Failure("cannot read %s as arff: %s".formatted(file, FileReason.of(e)), e);
    }
    tell(rows.lines());
    say(rows.description());
    if (rows.rows().isEmpty()) {
      throw new Failure("%s has no rows there.".formatted(file));
    }
    var progress = new ProgressLine(System::nanoTime, this::say);
    EvaluationReport result =
        new RowsEvaluation(rows, served, seed, System::nanoTime, progress).run();
    say("done in " + progress.elapsed());
    console.result(JSON.valueToTree(result));
    write(result);
    return ExitCode.OK;
  }

  private @Nullable CsvMapping mapping() {
    TraceFormat format = format();
    if (classAttribute != null) {
      throw wrong("--class-attribute goes with --format arff only");
    }
    if (format != TraceFormat.CSV) {
      if (mappingFile != null) {
        throw wrong("--mapping goes with --format csv only");
      }
      return null;
    }
    if (mappingFile == null) {
      throw wrong(
          "--format csv needs --mapping FILE, which says what the columns mean; config/adapters"
              + " has samples");
    }
    try {
      return CsvMapping.read(mappingFile);
    } catch (IOException e) {
      throw new Failure(
          "cannot read the mapping %s: %s".formatted(mappingFile, FileReason.of(e)), e);
    }
  }

  /** The classes of the command line, else of the mapping, else of the job. */
  private ComplexityScale scale(@Nullable CsvMapping mapping, ComplexityScale ofJob) {
    if (classBounds == null) {
      if (classNames != null) {
        throw wrong("--classes needs --class-bounds");
      }
      ComplexityScale mapped = mapping == null ? null : mapping.scale();
      return mapped == null ? ofJob : mapped;
    }
    List<String> names = classNames;
    if (names == null) {
      int classes = classBounds.size() + 1;
      names =
          ofJob.classes() == classes
              ? ofJob.names()
              : IntStream.rangeClosed(1, classes).mapToObj(i -> "CLASS_" + i).toList();
    }
    try {
      return new ComplexityScale(names, classBounds, ComplexityScale.Measure.RUN_TIME);
    } catch (IllegalArgumentException e) {
      throw wrong("--class-bounds: " + e.getMessage());
    }
  }

  private EvaluationOptions options(@Nullable CsvMapping mapping) {
    PipelineOptions job = PipelineOptions.defaults();
    EvaluationOptions defaults = EvaluationOptions.defaults();
    PoolPolicy policy = job.policy().withSeed(seed);
    EvaluationOptions options =
        new EvaluationOptions(
            policy
                .withOrdering(ordering == null ? policy.ordering() : ordering)
                .withPlacement(placement == null ? policy.placement() : placement)
                .withPlacementRules(
                    ties == null ? policy.placementRules() : policy.placementRules().withTies(ties))
                .withBackfill(backfill == null ? policy.backfill() : backfill)
                .withPatience(patience(policy))
                .withRightSizing(
                    rightSizing == null
                        ? policy.rightSizing()
                        : policy.rightSizing().withMode(rightSizing)),
            durations == null ? defaults.durations() : durations,
            learner == null ? job.learning().serving() : learner,
            labels == null ? Labels.SIMULATED : labels,
            scale(mapping, job.learning().scale()));
    if (options.labels() == Labels.LOGGED) {
      checkLogged();
    }
    return options;
  }

  /** With logged ends nothing is allocated, and what would say how has no effect. */
  private void checkLogged() {
    if (inflate != null) {
      throw wrong(
          "--inflate makes tasks that never end, and --labels logged has nothing to learn then");
    }
    if (decisions != null) {
      throw wrong("--decisions has none to write with --labels logged: nothing is allocated");
    }
    for (String option : OF_ALLOCATION) {
      if (command.commandLine().getParseResult().hasMatchedOption(option)) {
        say(option + " has no effect with --labels logged: nothing is allocated, only learned");
      }
    }
  }

  private TraceFormat format() {
    TraceFormat format = givenFormat == null ? TraceFormat.of(file) : givenFormat;
    if (format == null) {
      throw wrong(
          "The name of %s does not say its format; add --format swf, openb, jsonl, csv or arff"
              .formatted(file));
    }
    return format;
  }

  private void checkStretch() {
    if (start < 0 || (count != null && count < 0)) {
      throw wrong("--start and --count must not be negative");
    }
  }

  private TraceFile traceFile(Labels known, @Nullable CsvMapping mapping) {
    TraceFormat format = format();
    checkStretch();
    if (format == TraceFormat.OPENB && nodes == null) {
      throw wrong("--format openb needs the cluster: --nodes FILE");
    }
    if (format == TraceFormat.SWF && nodes != null) {
      throw wrong("--nodes does not go with --format swf: the log names its machine itself");
    }
    if (inflate != null && format != TraceFormat.OPENB) {
      throw wrong("--inflate goes with --format openb only");
    }
    if (inflate != null && !(inflate > 0 && inflate <= 1000)) {
      throw wrong("--inflate must be above 0, and 1000 at most");
    }
    return new TraceFile(
        file,
        format,
        nodes,
        mapping,
        known == Labels.LOGGED ? SwfTrace.Protocol.LEARNING : SwfTrace.Protocol.SCHEDULING,
        start,
        count == null ? Integer.MAX_VALUE : count,
        inflate,
        seed);
  }

  /** Better now than after the work. */
  private void checkReport() {
    String obstacle = report == null ? null : FileReason.obstacle(report);
    if (obstacle != null) {
      throw new Failure("cannot write the report to %s: %s".formatted(report, obstacle));
    }
  }

  private Trace read(TraceFile wanted) {
    Trace trace;
    try {
      trace = wanted.read();
    } catch (IOException e) {
      throw new Failure(
          "cannot read %s as %s: %s".formatted(files(), format(), FileReason.of(e)), e);
    } catch (IllegalArgumentException e) {
      throw new Failure("cannot use %s as %s: %s".formatted(file, format(), e.getMessage()), e);
    }
    tell(trace.lines());
    say(trace.description());
    return trace;
  }

  /** What is read: an error may be in either. */
  private String files() {
    return nodes == null ? file.toString() : "%s on the nodes of %s".formatted(file, nodes);
  }

  private void tell(LineCount lines) {
    if (lines.bad() > 0) {
      say("%,d bad lines are left out; the first of them:".formatted(lines.bad()));
      lines.firstBad().stream().limit(3).forEach(line -> say("  " + line));
    }
  }

  private void checkTrace(Trace trace, Labels known) {
    if (trace.tasks().isEmpty()) {
      throw new Failure(
          start > 0 || count != null
              ? "no task is left of %s by --start and --count.".formatted(file)
              : "%s has no tasks.".formatted(file));
    }
    if (known == Labels.SIMULATED && trace.nodes().isEmpty()) {
      throw wrong(
          "The trace names no nodes: give some by --nodes, or learn only by --labels logged");
    }
    long unknown =
        trace.tasks().stream().filter(task -> task.truth().loggedWaitMillis() == null).count();
    if (known == Labels.LOGGED && unknown > 0) {
      say(
          "%,d tasks have no logged wait: those of them that ran count as started when submitted"
              .formatted(unknown));
    }
  }

  private EvaluationReport run(Trace trace, EvaluationOptions options) {
    var progress = new ProgressLine(System::nanoTime, this::say);
    EvaluationReport result;
    if (decisions == null) {
      result = run(trace, options, DecisionSink.NONE, progress);
    } else {
      try (DecisionFile lines = new DecisionFile(decisions, this::say)) {
        result = run(trace, options, lines, progress);
      } catch (IOException | UncheckedIOException e) {
        throw new Failure(
            "cannot write decisions to %s: %s"
                .formatted(decisions, FileReason.ofWriting(decisions, e)),
            e);
      }
    }
    say("done in " + progress.elapsed());
    return result;
  }

  private static EvaluationReport run(
      Trace trace, EvaluationOptions options, DecisionSink sink, ProgressLine progress) {
    return new Evaluation(
            trace, options, SimulatedAgents.Settings.faultless(), System::nanoTime, sink, progress)
        .run();
  }

  private void write(EvaluationReport result) {
    if (report != null) {
      try {
        Files.writeString(report, result.toJson() + "\n", StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new Failure(
            "cannot write the report to %s: %s".formatted(report, FileReason.ofWriting(report, e)),
            e);
      }
    }
  }

  private void say(String line) {
    console.say("evaluate: " + line);
  }

  private ParameterException wrong(String what) {
    return new ParameterException(command.commandLine(), what);
  }
}
