package io.attentionflow.learning.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UsageCoverageTest {

  private static final PeakPromise PROMISE = new PeakPromise(100, 200, 300, 400);

  private final UsageCoverage coverage = new UsageCoverage();

  @Test
  void countsWhatWasAtMostWhatWasPromised() {
    judge(2000, 1, 1);
    judge(3, 100, 301);
    judge(1, 101, 301);

    assertThat(coverage.shares())
        .containsAllEntriesOf(
            Map.of(
                "cpuP50",
                0.75,
                "cpuP90",
                1.0,
                "cpuP95",
                1.0,
                "cpuP99",
                1.0,
                "memoryP50",
                0.0,
                "memoryP90",
                0.0,
                "memoryP95",
                0.0,
                "memoryP99",
                1.0));
    assertThat(coverage.shares().tailMap("gpuP50").headMap("memoryP50"))
        .containsExactlyEntriesOf(
            new TreeMap<>(Map.of("gpuP50", 0.0, "gpuP90", 0.0, "gpuP95", 0.0, "gpuP99", 1.0)));
  }

  @Test
  void saysNothingWhereThereIsTooLittleToGoBy() {
    judge(2000, 1, 1);
    for (int i = 0; i < 3000; i++) {
      coverage.add(example(null, null, null));
    }

    assertThat(coverage.shares()).isEmpty();
  }

  @Test
  void judgesOnlyWhatWasPromisedAskedForAndMeasured() {
    assertThat(JudgedPeak.of(null, 1000, 500)).isNull();
    assertThat(JudgedPeak.of(PROMISE, 0, 500)).isNull();
    assertThat(JudgedPeak.of(PROMISE, 1000, 0)).isNull();
    assertThat(JudgedPeak.of(PROMISE, 1000, 500)).isEqualTo(new JudgedPeak(PROMISE, 500));
  }

  @Test
  void goesOnCountingAfterItWasRead() throws IOException {
    judge(2010, 150, 150);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    coverage.writeTo(new DataOutputStream(bytes));
    UsageCoverage read = new UsageCoverage();
    read.readFrom(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())), true);

    JudgedPeak missed = new JudgedPeak(PROMISE, 999);
    LabelledExample broken = example(missed, null, missed);
    coverage.add(broken);
    read.add(broken);

    assertThat(read.shares()).isEqualTo(coverage.shares()).containsEntry("cpuP90", 10 / 11.0);
    assertThat(read.shares()).containsEntry("gpuP95", 10 / 11.0);
  }

  @Test
  void goesOnFromWhatWasWrittenBeforeGpusWereJudged() throws IOException {
    judge(2010, 150, 150);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    coverage.writeTo(new DataOutputStream(bytes));
    byte[] before = Arrays.copyOf(bytes.toByteArray(), UsageCoverage.BYTES_WITHOUT_GPU);
    UsageCoverage read = new UsageCoverage();
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(before));
    read.readFrom(in, false);

    assertThat(in.available()).isZero();
    assertThat(read.shares())
        .containsEntry("cpuP90", 1.0)
        .containsEntry("memoryP50", 0.0)
        .doesNotContainKey("gpuP90");
  }

  private void judge(int times, long cpu, long memory) {
    for (int i = 0; i < times; i++) {
      JudgedPeak ofMemory = new JudgedPeak(PROMISE, memory);
      coverage.add(example(new JudgedPeak(PROMISE, cpu), ofMemory, ofMemory));
    }
  }

  private static LabelledExample example(
      @Nullable JudgedPeak cpu, @Nullable JudgedPeak memory, @Nullable JudgedPeak gpu) {
    FeatureVector nothing = new FeatureVector(new double[0], new long[0]);
    return new LabelledExample("t", nothing, 0, 1, 1, cpu, memory, gpu);
  }
}
