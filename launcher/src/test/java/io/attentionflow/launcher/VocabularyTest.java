package io.attentionflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Reason;
import io.attentionflow.allocation.Sizing;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The engine's words and the wire's are the same. The wire has one more, UNKNOWN: what an older
 * reader makes of a word that it does not know.
 */
class VocabularyTest {

  @Test
  void reasonsAreTheSameInTheEngineAndOnTheWire() {
    assertThat(names(Reason.values()))
        .containsExactlyInAnyOrderElementsOf(knownNames(io.attentionflow.schema.Reason.values()));
  }

  @Test
  void qualitiesOfServiceAreTheSameInTheEngineAndOnTheWire() {
    assertThat(names(Qos.values()))
        .containsExactlyInAnyOrderElementsOf(knownNames(io.attentionflow.schema.Qos.values()));
  }

  @Test
  void actionsAreTheSameInTheEngineAndOnTheWire() {
    assertThat(names(Command.Action.values()))
        .containsExactlyInAnyOrderElementsOf(knownNames(io.attentionflow.schema.Action.values()));
  }

  @Test
  void sizingsAreTheSameInTheEngineAndOnTheWire() {
    assertThat(names(Sizing.values()))
        .containsExactlyInAnyOrderElementsOf(knownNames(io.attentionflow.schema.Sizing.values()));
  }

  private static List<String> names(Enum<?>[] words) {
    return Arrays.stream(words).map(Enum::name).toList();
  }

  private static List<String> knownNames(Enum<?>[] words) {
    return names(words).stream().filter(name -> !name.equals("UNKNOWN")).toList();
  }
}
