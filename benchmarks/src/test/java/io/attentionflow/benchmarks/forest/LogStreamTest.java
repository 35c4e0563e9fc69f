package io.attentionflow.benchmarks.forest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogStreamTest {

  @TempDir Path directory;

  @Test
  void tellsALabelOnceItsTaskHasEnded() throws IOException {
    Path log = directory.resolve("three.jobs.swf");
    // Job, submitted, waited, ran, processors, ..., asked for: processors, time.
    Files.writeString(
        log,
        """
        ; MaxProcs: 8
        1   0  10   30 1 -1 -1 1 3600 -1 1 1 1 1 1 -1 -1 -1
        2  20   0 9000 2 -1 -1 2 9999 -1 1 2 1 1 1 -1 -1 -1
        3  40   0   50 1 -1 -1 1 3600 -1 1 1 1 1 1 -1 -1 -1
        4 100   5  700 1 -1 -1 1 3600 -1 1 1 1 1 1 -1 -1 -1
        """);

    Rows rows = LogStream.read(log, 10);

    assertThat(rows.name()).isEqualTo("three");
    assertThat(rows.order()).containsExactly(0, 1, ~0, 2, ~2, 3, ~3, ~1);
    assertThat(new int[] {rows.label(0), rows.label(1), rows.label(2), rows.label(3)})
        .containsExactly(0, 3, 0, 2);
    assertThat(rows.schema().keys()).isEmpty();
    assertThat(rows.header().numAttributes()).isEqualTo(rows.schema().numbers().size() + 1);
  }
}
