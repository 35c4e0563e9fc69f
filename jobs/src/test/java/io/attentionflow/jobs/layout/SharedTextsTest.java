package io.attentionflow.jobs.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedTextsTest {

  @Test
  void givesOneStringForOneText() {
    assertThat(shared("tenant-7")).isEqualTo("tenant-7").isSameAs(shared("tenant-7"));
  }

  @Test
  void readsEveryTextAsItIs() {
    for (String text :
        List.of("", "é", "任务", "\uD83D\uDE80", "Aa", "BB", "C#", "x".repeat(9_999))) {
      assertThat(shared(text)).isEqualTo(text);
      assertThat(shared(text)).isEqualTo(text);
    }
    for (int i = 0; i < 50_000; i++) {
      assertThat(shared("node-" + i)).isEqualTo("node-" + i);
    }
  }

  private static String shared(String text) {
    return SharedTexts.of(text.getBytes(StandardCharsets.UTF_8));
  }
}
