package io.attentionflow.launcher.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationDecision;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ShadowComparisonTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final ShadowComparison comparison = new ShadowComparison("p");

  @Test
  void comparesTheWaitsOfTasksThatBothPlaced() {
    comparison.add(real("before", Action.ALLOCATE, 1, 5, 1));
    comparison.add(shadow(1, "a", Action.ALLOCATE, 1, 10, 0));
    comparison.add(real("a", Action.ALLOCATE, 1, 14, 4));
    comparison.add(real("b", Action.ALLOCATE, 1, 20, 2));
    comparison.add(shadow(1, "b", Action.ALLOCATE, 1, 28, 10));
    comparison.add(real("b", Action.ALLOCATE, 2, 40, 1));
    comparison.add(real("c", Action.ALLOCATE, 1, 30, 0));
    comparison.add(shadow(1, "d", Action.ALLOCATE, 1, 30, 0));

    JsonNode json = comparison.toJson();

    assertThat(json.at("/shadow").textValue()).isEqualTo("trial");
    assertThat(json.at("/since").textValue()).isEqualTo("2026-01-01T12:00:10Z");
    assertThat(json.at("/tasks/placedByBoth").intValue()).isEqualTo(2);
    assertThat(json.at("/tasks/placedByPoolOnly").intValue()).isEqualTo(1);
    assertThat(json.at("/tasks/placedByShadowOnly").intValue()).isEqualTo(1);
    assertThat(json.at("/tasks/earlierInShadow").intValue()).isEqualTo(1);
    assertThat(json.at("/tasks/laterInShadow").intValue()).isEqualTo(1);
    assertThat(json.at("/waitSeconds/pool/mean").doubleValue()).isEqualTo(3);
    assertThat(json.at("/waitSeconds/shadow/mean").doubleValue()).isEqualTo(5);
    assertThat(json.at("/waitSeconds/shadow/max").doubleValue()).isEqualTo(10);
    assertThat(json.at("/waitSecondsByComplexity/LIGHT/pool/tasks").intValue()).isEqualTo(2);
  }

  @Test
  void saysByTheWaitAndNotByTheClockWhoWasEarlier() {
    comparison.add(real("longer", Action.ALLOCATE, 1, 14, 0));
    comparison.add(shadow(1, "longer", Action.ALLOCATE, 1, 10, 3));
    comparison.add(real("same", Action.ALLOCATE, 1, 20, 2));
    comparison.add(shadow(1, "same", Action.ALLOCATE, 1, 19, 2));
    comparison.add(real("shorter", Action.ALLOCATE, 1, 30, 2));
    comparison.add(shadow(1, "shorter", Action.ALLOCATE, 1, 31, 1));

    JsonNode tasks = comparison.toJson().at("/tasks");

    assertThat(tasks.get("placedByBoth").intValue()).isEqualTo(3);
    assertThat(tasks.get("earlierInShadow").intValue()).isEqualTo(1);
    assertThat(tasks.get("laterInShadow").intValue()).isEqualTo(1);
  }

  @Test
  void countsRejectionsAndPreemptionsSinceTheShadowBegan() {
    comparison.add(real("early", Action.REJECT, 1, 5, 0));
    comparison.add(shadow(1, "a", Action.PREEMPT, 1, 10, 0));
    comparison.add(real("b", Action.REJECT, 1, 20, 0));

    JsonNode json = comparison.toJson();

    assertThat(json.at("/rejected/pool").intValue()).isEqualTo(1);
    assertThat(json.at("/rejected/shadow").intValue()).isZero();
    assertThat(json.at("/preempted/shadow").intValue()).isEqualTo(1);
  }

  @Test
  void isOfTheNewestShadowOfThePool() {
    comparison.add(shadow(1, "old", Action.ALLOCATE, 1, 10, 0));
    comparison.add(shadow(2, "new", Action.ALLOCATE, 1, 20, 0));
    comparison.add(shadow(1, "late", Action.ALLOCATE, 1, 15, 0));
    AllocationDecision elsewhere = shadow(3, "x", Action.ALLOCATE, 1, 30, 0);
    elsewhere.setPool("q");
    comparison.add(elsewhere);

    assertThat(comparison.toJson().at("/policyVersion").longValue()).isEqualTo(2);
    assertThat(comparison.toJson().at("/tasks/placedByShadowOnly").intValue()).isEqualTo(1);
    assertThat(comparison.isEmpty()).isFalse();
    assertThat(new ShadowComparison("p").isEmpty()).isTrue();
  }

  private static AllocationDecision real(
      String taskId, Action action, int generation, long second, long waitSeconds) {
    return AllocationDecision.newBuilder()
        .setCommandId(taskId + "#" + generation)
        .setTaskId(taskId)
        .setGeneration(generation)
        .setPool("p")
        .setAction(action)
        .setDecidedAt(NOON.plusSeconds(second))
        .setComplexity("LIGHT")
        .setWaitMillis(waitSeconds * 1000)
        .build();
  }

  private static AllocationDecision shadow(
      long version, String taskId, Action action, int generation, long second, long waitSeconds) {
    AllocationDecision decision = real(taskId, action, generation, second, waitSeconds);
    decision.setShadow(true);
    decision.setShadowPolicy("trial");
    decision.setPolicyVersion(version);
    return decision;
  }
}
