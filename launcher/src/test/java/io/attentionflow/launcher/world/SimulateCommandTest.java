package io.attentionflow.launcher.world;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.launcher.Ran;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulateCommandTest {

  /** That there is no broker there is not even noticed. */
  @ParameterizedTest
  @CsvSource({
    "--rate=0, --rate is 0.0; it must be above 0",
    "--rate=1e10, below 1e9",
    "--speedup=-1, --speedup is -1.0; it must be above 0",
    "--scenario=nope, There is no scenario 'nope'",
  })
  void refusesBadUsageBeforeItAsksForABroker(String option, String complaint) {
    Ran ran = Ran.of("simulate", "--bootstrap-servers=localhost:1", option);

    assertThat(ran.exitCode()).as(ran.toString()).isEqualTo(2);
    assertThat(ran.err()).contains(complaint);
  }
}
