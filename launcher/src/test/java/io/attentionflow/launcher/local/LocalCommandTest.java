package io.attentionflow.launcher.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.launcher.Ran;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found wrong before anything starts. */
class LocalCommandTest {

  private static final String SCENARIO = "--scenario ../config/scenarios/general.yaml ";
  private static final String TRACES = "../simulation/src/test/resources/traces/";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        SCENARIO + "--rate 0                           | --rate is 0.0; it must be above 0",
        SCENARIO + "--speedup -1                       | --speedup is -1.0; it must be above 0",
        "--speedup 0 --trace " + TRACES + "small.swf   | --speedup is 0.0; it must be above 0",
        "--trace " + TRACES + "pods.csv                | does not say its format",
        "--trace " + TRACES + "pods.csv --format openb | a file of nodes",
        "--trace " + TRACES + "small.swf --start -1    | start -1",
        "--trace " + TRACES + "small.swf --rate 2      | leave --rate out",
        "--trace " + TRACES + "small.swf --scenario a  | leave --scenario out",
        "--trace " + TRACES + "small.swf --seed 2      | leave --seed out",
        "--no-simulation --scenario general            | leave --scenario out",
        "--no-simulation --seed 2                      | leave --seed out",
        "--no-simulation --rate 2                      | leave --rate out",
        "--no-simulation --trace " + TRACES + "small.swf | leave --trace out",
        "--kafka-port 99999                            | --kafka-port is 99999; ports go",
        "--flink-port -1                               | --flink-port is -1; ports go",
        "--kafka-port 9092 --flink-port 9092           | --kafka-port and --flink-port are both",
        "--set policy.placement=by-mood                | policy.placement",
        "--set policy.placement                        | Value for option '--set' (KEY=VALUE)",
        "--set kafka.bootstrap-servers=a:1             | --kafka-port",
      })
  void refusesBadUsage(String arguments, String complaint) {
    assertEnds(2, complaint, arguments);
  }

  @Test
  void failsForATraceThatCannotBeRead(@TempDir Path directory) throws IOException {
    Path prose = Files.writeString(directory.resolve("prose.swf"), "once upon\na time\n");

    assertEnds(1, "none of 2 lines can be read", "--trace " + prose);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--kafka-port", "--flink-port", "--console-port"})
  void saysWhichPortIsTaken(String option) throws IOException {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = taken.getLocalPort();

      assertEnds(1, "port %d is taken".formatted(port), option + " " + port);
    }
  }

  private static void assertEnds(int exitCode, String complaint, String arguments) {
    Ran ran =
        Ran.of(
            Stream.of("local", arguments)
                .flatMap(text -> Arrays.stream(text.split(" ")))
                .toArray(String[]::new));

    assertThat(ran.exitCode()).as(ran.toString()).isEqualTo(exitCode);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains(complaint).doesNotContain("Starting", "\tat ");
  }
}
