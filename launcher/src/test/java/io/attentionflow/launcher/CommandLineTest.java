package io.attentionflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What holds of every command there is. */
class CommandLineTest {

  static Stream<CommandSpec> commands() {
    List<CommandSpec> commands = new ArrayList<>();
    collect(AttentionFlow.commandLine(new Console(System.out, System.err)), commands);
    return commands.stream();
  }

  private static void collect(CommandLine command, List<CommandSpec> commands) {
    commands.add(command.getCommandSpec());
    command.getSubcommands().values().forEach(sub -> collect(sub, commands));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void saysWhatItIsForAndWhatEachOfItsOptionsIs(CommandSpec command) {
    assertThat(command.usageMessage().description()).isNotEmpty();
    assertThat(command.options())
        .allSatisfy(
            option ->
                assertThat(String.join("", option.description()))
                    .as(option.longestName())
                    .isNotBlank()
                    .endsWith("."));
    assertThat(command.positionalParameters())
        .allSatisfy(
            parameter ->
                assertThat(String.join("", parameter.description()))
                    .as(parameter.paramLabel())
                    .isNotBlank()
                    .endsWith("."));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helps(CommandSpec command) {
    Ran ran = Ran.of(with(command, "--help"));

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .startsWith("Usage: " + command.qualifiedName())
        .contains("Exit code: 0 done, 2 bad usage, 1 failed.")
        .doesNotContain("${");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void refusesAnOptionThatThereIsNot(CommandSpec command) {
    Ran ran = Ran.of(with(command, "--no-such-option=1"));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .startsWith(command.qualifiedName() + ": ")
        .contains("--help")
        .doesNotContain("\tat ");
  }

  /** Files that are read; those that are written are named. */
  static Stream<Arguments> files() {
    Set<String> written = Set.of("--output", "--report", "--decisions", "--log");
    return commands()
        .flatMap(
            command ->
                command.args().stream()
                    .filter(argument -> argument.type() == Path.class)
                    .filter(
                        argument ->
                            !(argument instanceof OptionSpec option
                                && written.contains(option.longestName())))
                    .map(argument -> Arguments.of(command, argument)));
  }

  @ParameterizedTest
  @MethodSource("files")
  void refusesAFileToReadThatIsNotThereBeforeItBegins(CommandSpec command, ArgSpec argument) {
    String missing = "/no/such/file";
    Ran ran =
        Ran.of(
            argument instanceof OptionSpec option
                ? with(command, option.longestName() + "=" + missing)
                : with(command, missing));

    assertThat(ran.exitCode()).as(ran.toString()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("there is no file '/no/such/file'").doesNotContain("\tat ");
  }

  @Test
  void refusesByNameWhatIsNotBuiltYet() {
    for (String[] command : List.of(new String[] {"tune"}, new String[] {"tune", "a", "--b=c"})) {
      Ran ran = Ran.of(command);

      assertThat(ran.exitCode()).isEqualTo(2);
      assertThat(ran.err()).startsWith("attention-flow tune: is not built yet");
    }
    assertThat(Ran.of("--help").out()).doesNotContain("tune");
  }

  @Test
  void saysWhichCommandsThereAreIfNoneIsGiven() {
    Ran ran = Ran.of();

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("Missing command", "evaluate");
  }

  @Test
  void guessesWhatAMisspeltCommandWasMeantToBe() {
    Ran ran = Ran.of("evalute");

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("evalute", "Did you mean", "evaluate");
  }

  @Test
  void saysItsVersion() {
    assertThat(Ran.of("--version").out()).contains("attention-flow", "Java");
  }

  private static String[] with(CommandSpec command, String argument) {
    Stream<String> names = Arrays.stream(command.qualifiedName().split(" ")).skip(1);
    return Stream.concat(names, Stream.of(argument)).toArray(String[]::new);
  }
}
