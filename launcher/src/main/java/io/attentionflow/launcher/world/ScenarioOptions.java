package io.attentionflow.launcher.world;

import io.attentionflow.launcher.Failure;
import io.attentionflow.simulation.scenario.Scenario;
import io.attentionflow.simulation.yaml.YamlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which simulated world is played, and how fast. */
public final class ScenarioOptions {

  private static final String SUFFIX = ".yaml";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--scenario",
      paramLabel = "NAME|FILE",
      defaultValue = "general",
      description =
          "The simulated world: a name in config/scenarios, or a file of your own. Default:"
              + " ${DEFAULT-VALUE}.")
  private String scenario;

  @Option(
      names = "--rate",
      paramLabel = "FACTOR",
      defaultValue = "1",
      description =
          "Multiplies how often tasks come. Beyond what the world's nodes carry, queues grow."
              + " Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--speedup",
      paramLabel = "FACTOR",
      description =
          "How many times faster than real time the world runs, arrivals and run times alike."
              + " Default: of a scenario, what it says itself, or else "
              + (int) Scenario.STANDARD_SPEEDUP
              + "; of a trace, as much as lets it be submitted in five minutes.")
  private @Nullable Double speedup;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "The same seed gives the same tasks, agents and failures. Default: ${DEFAULT-VALUE}.")
  private long seed;

  /**
   * Reads the scenario.
   *
   * @throws ParameterException if there is none of that name, or it cannot be played like this
   * @throws Failure if the file is wrong
   */
  public Scenario read() {
    rate();
    givenSpeedup();
    Path file = file();
    try {
      return Scenario.read(file);
    } catch (YamlException e) {
      throw new Failure("the scenario is wrong: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new Failure("cannot read the scenario %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private Path file() {
    Path named = directory().resolve(scenario + SUFFIX);
    if (!scenario.contains("/") && Files.isRegularFile(named)) {
      return named;
    }
    Path file = Path.of(scenario);
    if (!Files.isRegularFile(file)) {
      throw new ParameterException(
          command.commandLine(),
          "There is no scenario '%s'; there are %s, or name a file of your own"
              .formatted(scenario, String.join(", ", names())));
    }
    return file;
  }

  private static Path directory() {
    return Path.of(System.getProperty("attentionflow.home", ".")).resolve("config/scenarios");
  }

  private static List<String> names() {
    try (Stream<Path> files = Files.list(directory())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .collect(Collectors.toList());
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Multiplies how often tasks come. */
  public double rate() {
    return positive("--rate", rate);
  }

  /** How fast a scenario runs: as was said, or else as it says itself. */
  public double speedup(Scenario scenario) {
    Double given = givenSpeedup();
    return given == null ? scenario.speedup() : given;
  }

  /** How fast a world is to run; null: as suits it. */
  public @Nullable Double givenSpeedup() {
    return speedup == null ? null : positive("--speedup", speedup);
  }

  public long seed() {
    return seed;
  }

  private double positive(String option, double value) {
    if (!(value > 0 && value < 1e9)) {
      throw new ParameterException(
          command.commandLine(),
          "%s is %s; it must be above 0 and below 1e9".formatted(option, value));
    }
    return value;
  }
}
