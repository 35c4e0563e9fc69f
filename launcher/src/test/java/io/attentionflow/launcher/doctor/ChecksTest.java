package io.attentionflow.launcher.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.launcher.doctor.Finding.Status;
import io.attentionflow.launcher.kafka.KafkaOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChecksTest {

  private static final long MIB = 1024L * 1024;

  private final ClusterChecks cluster =
      new ClusterChecks(new KafkaOptions(), Duration.ofMinutes(15));

  @Test
  void knowsWhichJavaWillDo() {
    assertThat(MachineChecks.java(11, "11.0.2").status()).isEqualTo(Status.PROBLEM);
    assertThat(MachineChecks.java(17, "17.0.1").status()).isEqualTo(Status.OK);
    assertThat(MachineChecks.java(21, "21").status()).isEqualTo(Status.OK);
    assertThat(MachineChecks.java(25, "25").status()).isEqualTo(Status.HINT);
  }

  @Test
  void hintsAtWhatIsScarce() {
    assertThat(MachineChecks.heap(512 * MIB).status()).isEqualTo(Status.HINT);
    assertThat(MachineChecks.heap(2048 * MIB).status()).isEqualTo(Status.OK);
    assertThat(MachineChecks.disk(Path.of("/tmp"), 100 * MIB).status()).isEqualTo(Status.HINT);
    assertThat(MachineChecks.disk(Path.of("/tmp"), 9000 * MIB).status()).isEqualTo(Status.OK);
    assertThat(MachineChecks.port(9092, "the broker", false).status()).isEqualTo(Status.HINT);
    assertThat(MachineChecks.port(9092, "the broker", true).status()).isEqualTo(Status.OK);
  }

  @Test
  void missesNoBrokerThatNobodyNamed() {
    assertThat(ClusterChecks.unreachable(false, "no broker").status()).isEqualTo(Status.HINT);
    assertThat(ClusterChecks.unreachable(true, "no broker").status()).isEqualTo(Status.PROBLEM);
  }

  @Test
  void knowsWhetherTransactionsOfTheJobWouldBeTaken() {
    Duration enough = Duration.ofMinutes(15);

    assertThat(cluster.transactions(enough, 0, 1).status()).isEqualTo(Status.OK);
    assertThat(cluster.transactions(enough, 3, 3).status()).isEqualTo(Status.OK);
    assertThat(cluster.transactions(enough.minusMillis(1), 0, 1))
        .isEqualTo(
            Finding.problem(
                "transactions",
                "may be open for 899 s, and the job asks for 900 s",
                "Raise transaction.max.timeout.ms of the brokers, or lower"
                    + " delivery.transaction-timeout of the job."));
    assertThat(cluster.transactions(enough, 3, 1).status())
        .as("three copies cannot be made by one broker, and every transaction would wait for them")
        .isEqualTo(Status.PROBLEM);
    assertThat(cluster.transactions(Duration.ZERO, 0, 1).status()).isEqualTo(Status.HINT);
  }

  @Test
  void saysWhatToDoWhereverSomethingIsWrong() {
    assertThat(
            List.of(
                MachineChecks.java(11, "11"),
                MachineChecks.java(25, "25"),
                MachineChecks.heap(MIB),
                MachineChecks.disk(Path.of("/tmp"), MIB),
                MachineChecks.port(1, "it", false),
                cluster.transactions(Duration.ZERO, 0, 1),
                cluster.transactions(Duration.ofSeconds(1), 0, 1),
                cluster.transactions(Duration.ofSeconds(1), 3, 1)))
        .allSatisfy(finding -> assertThat(finding.advice()).isNotBlank());
  }
}
