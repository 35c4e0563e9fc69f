package io.attentionflow.launcher;

import io.attentionflow.launcher.doctor.DoctorCommand;
import io.attentionflow.launcher.evaluate.EvaluateCommand;
import io.attentionflow.launcher.local.LocalCommand;
import io.attentionflow.launcher.model.ModelCommand;
import io.attentionflow.launcher.policy.PolicyCommand;
import io.attentionflow.launcher.query.QueryCommand;
import io.attentionflow.launcher.query.WatchCommand;
import io.attentionflow.launcher.topics.TopicsCommand;
import io.attentionflow.launcher.tune.TuneCommand;
import io.attentionflow.launcher.world.ReplayCommand;
import io.attentionflow.launcher.world.SimulateCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line of Attention Flow.
 *
 * <p>Machines read JSON from standard output; people read standard error. The exit code is 0 when
 * done, 2 for bad usage and 1 for everything else that went wrong. Bad usage is what the command
 * line itself shows to be impossible: an option that there is not, a value out of range, options
 * that do not go together, a file to read that is not there. It is found before anything starts.
 */
@Command(
    name = "attention-flow",
    description = "Gives a compute cluster the skill of attention.",
    mixinStandardHelpOptions = true,
    versionProvider = AttentionFlow.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommandsRepeatable = false,
    scope = CommandLine.ScopeType.INHERIT,
    subcommands = {
      LocalCommand.class,
      SimulateCommand.class,
      ReplayCommand.class,
      EvaluateCommand.class,
      TopicsCommand.class,
      QueryCommand.class,
      WatchCommand.class,
      PolicyCommand.class,
      ModelCommand.class,
      DoctorCommand.class,
      TuneCommand.class
    },
    footer = {
      "",
      "Results are JSON on standard output; people and progress are on standard error.",
      "Exit code: 0 done, 2 bad usage, 1 failed."
    })
public final class AttentionFlow implements Runnable {

  @Spec private CommandSpec spec;

  private AttentionFlow() {}

  public static void main(String[] args) {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    int exitCode = CommandLine.ExitCode.SOFTWARE;
    try {
      exitCode = run(new Console(out, err), args);
    } catch (Error unexpected) {
      // Exceptions are told by now.
      unexpected.printStackTrace(err);
    }
    StopSignal.exit(exitCode);
  }

  /**
   * Runs one command.
   *
   * @return its exit code
   */
  public static int run(Console console, String... args) {
    return commandLine(console).execute(args);
  }

  /** All commands there are. */
  static CommandLine commandLine(Console console) {
    return new CommandLine(new AttentionFlow(), new Factory(console))
        .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((wrong, arguments) -> explain(wrong))
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              explain(failure, command.getCommandSpec().qualifiedName(), console);
              return CommandLine.ExitCode.SOFTWARE;
            });
  }

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  /** What is wrong, and not the whole usage with it: that would hide it on a full screen. */
  private static int explain(ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    PrintWriter err = command.getErr();
    // "Value for option option '--set' ...", says picocli.
    err.println(
        name
            + ": "
            + String.valueOf(wrong.getMessage()).replace("for option option", "for option"));
    CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err);
    if (command.getSubcommands().isEmpty()) {
      err.printf("Try '%s --help'.%n", name);
    } else {
      command.usage(err);
    }
    return CommandLine.ExitCode.USAGE;
  }

  private static void explain(Exception failure, String command, Console console) {
    if (failure instanceof Failure known) {
      console.say(command + ": " + known.advice());
    } else {
      console.say(command + ": failed unexpectedly");
      failure.printStackTrace(console.err());
    }
  }

  /** Reads the version that the build wrote into the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = AttentionFlow.class.getPackage().getImplementationVersion();
      return new String[] {
        "attention-flow " + (version == null ? "(not packaged)" : version),
        "Java " + System.getProperty("java.version")
      };
    }
  }

  /** Makes commands, and gives those that want it the console. */
  private static final class Factory implements CommandLine.IFactory {

    private final Console console;

    Factory(Console console) {
      this.console = console;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
      for (var constructor : type.getDeclaredConstructors()) {
        if (constructor.getParameterCount() == 1
            && constructor.getParameterTypes()[0] == Console.class) {
          return type.cast(constructor.newInstance(console));
        }
      }
      return CommandLine.defaultFactory().create(type);
    }
  }
}
