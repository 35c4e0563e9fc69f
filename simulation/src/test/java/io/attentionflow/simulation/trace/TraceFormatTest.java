package io.attentionflow.simulation.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TraceFormatTest {

  @Test
  void isKnownByTheNameOfTheFileWhereThatSaysIt() {
    assertThat(TraceFormat.of(Path.of("logs/KTH.swf.gz"))).isEqualTo(TraceFormat.SWF);
    assertThat(TraceFormat.of(Path.of("LUBLIN.SWF"))).isEqualTo(TraceFormat.SWF);
    assertThat(TraceFormat.of(Path.of("tasks.jsonl"))).isEqualTo(TraceFormat.JSONL);
    assertThat(TraceFormat.of(Path.of("rows.arff.zip"))).isEqualTo(TraceFormat.ARFF);
    assertThat(TraceFormat.of(Path.of("pods.csv"))).isNull();
    assertThat(TraceFormat.of(Path.of("swf"))).isNull();
  }
}
