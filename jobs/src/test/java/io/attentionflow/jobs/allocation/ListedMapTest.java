package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ListedMapTest {

  @Test
  void isAMapOfItsKeysInTheirOrder() {
    Map<String, Double> map = new ListedMap<>(List.of("LIGHT", "HEAVY"), List.of(0.25, 0.75));

    assertThat(map).isEqualTo(Map.of("HEAVY", 0.75, "LIGHT", 0.25)).hasSize(2);
    assertThat(map.get("HEAVY")).isEqualTo(0.75);
    assertThat(map.get("EXTREME")).isNull();
    assertThat(new ArrayList<>(map.keySet())).containsExactly("LIGHT", "HEAVY");
  }

  @Test
  void mayBeEmpty() {
    assertThat(new ListedMap<>(List.of(), List.of())).isEmpty();
  }
}
