package io.attentionflow.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.ShardPlacement;
import io.attentionflow.simulation.cluster.AgentWord.Kind;
import io.attentionflow.simulation.cluster.AgentWord.NodeWord;
import io.attentionflow.simulation.cluster.AgentWord.State;
import io.attentionflow.simulation.cluster.AgentWord.TaskWord;
import io.attentionflow.simulation.cluster.SimulatedAgents.Settings;
import io.attentionflow.simulation.trace.TaskTruth;
import io.attentionflow.simulation.trace.TaskTruth.End;
import io.attentionflow.simulation.trace.TraceNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SimulatedAgentsTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Resources USED = new Resources(900, 100, 0, 0, 0);
  private static final TraceNode NODE =
      TraceNode.of("n", "p", new Resources(4000, 1024, 0, 0, 0), null);

  private final List<AgentWord> words = new ArrayList<>();

  @Test
  void startsATaskAfterTheDelayAndEndsItAfterItsRunTime() {
    SimulatedAgents agents = agents(settings(Duration.ofSeconds(2), 1));
    agents.expect("t", truth(10, End.SUCCEEDED));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);

    assertThat(agents.nextAt()).isEqualTo(after(2));
    advance(agents, after(60));

    assertThat(states()).containsExactly(State.STARTED, State.SUCCEEDED);
    assertThat(words).extracting(AgentWord::at).containsExactly(after(2), after(12));
    TaskWord end = (TaskWord) words.get(1);
    assertThat(end.durationMillis()).isEqualTo(10_000);
    assertThat(end.peakUsage()).isEqualTo(USED);
    assertThat(end.commandId()).isEqualTo("t#1");
    assertThat(end.tenant()).isEqualTo("ann");
  }

  @Test
  void runsFasterAndReportsTheTasksOwnRunTime() {
    SimulatedAgents agents = agents(settings(Duration.ZERO, 10));
    agents.expect("t", truth(100, End.SUCCEEDED));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);
    advance(agents, after(60));

    assertThat(words).extracting(AgentWord::at).containsExactly(NOON, after(10));
    assertThat(((TaskWord) words.get(1)).durationMillis()).isEqualTo(100_000);
  }

  @Test
  void letsTasksFailAsTheyWill() {
    SimulatedAgents agents = agents(Settings.faultless());
    agents.expect("fails", truth(1, End.FAILED));
    agents.expect("cancelled", truth(2, End.CANCELLED));
    agents.expect("hungry", truth(3, End.OUT_OF_MEMORY));
    for (String task : List.of("fails", "cancelled", "hungry")) {
      agents.accept(command(Action.ALLOCATE, task, 1, 1000), NOON);
    }
    advance(agents, after(60));

    assertThat(states().subList(3, 6))
        .containsExactly(State.FAILED, State.FAILED, State.OUT_OF_MEMORY);
  }

  @Test
  void stopsATaskHalfWayThatNeedsMoreMemoryThanItGot() {
    SimulatedAgents agents =
        agents(
            new Settings(Duration.ZERO, Duration.ZERO, 1, true, Duration.ZERO, Duration.ZERO, 0));
    Resources hungry = new Resources(900, 600, 0, 0, 0);
    agents.expect("t", new TaskTruth(10_000, End.SUCCEEDED, hungry, hungry, null));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);
    advance(agents, after(60));

    assertThat(states()).containsExactly(State.STARTED, State.OUT_OF_MEMORY);
    assertThat(words.get(1).at()).isEqualTo(after(5));
  }

  @Test
  void saysOfWhatRanOutOfMemoryThatItUsedWhatItGot() {
    SimulatedAgents agents = agents(Settings.faultless().withLimitsEnforced());
    Resources hungry = new Resources(900, 600, 0, 0, 0);
    agents.expect("t", new TaskTruth(10_000, End.SUCCEEDED, hungry, hungry, null));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);
    advance(agents, after(60));

    assertThat(((TaskWord) words.get(1)).peakUsage().memoryMib()).isEqualTo(200);
  }

  @Test
  void letsATaskRunAsMuchLongerAsItLacksCpu() {
    SimulatedAgents agents = agents(Settings.faultless().withLimitsEnforced());
    Resources peak = new Resources(1000, 100, 0, 0, 0);
    Resources mean = new Resources(800, 100, 0, 0, 0);
    agents.expect("slow", new TaskTruth(10_000, End.SUCCEEDED, peak, mean, null));
    agents.expect("as-ever", new TaskTruth(10_000, End.SUCCEEDED, peak, mean, null));
    agents.accept(command(Action.ALLOCATE, "slow", 1, 400), NOON);
    agents.accept(command(Action.ALLOCATE, "as-ever", 1, 900), NOON);
    advance(agents, after(60));

    TaskWord asEver = (TaskWord) words.get(2);
    assertThat(asEver.at()).isEqualTo(after(10));
    assertThat(asEver.peakUsage().cpuMillis()).isEqualTo(900);
    TaskWord slow = (TaskWord) words.get(3);
    assertThat(slow.at()).isEqualTo(after(20));
    assertThat(slow.durationMillis()).isEqualTo(20_000);
    assertThat(slow.peakUsage().cpuMillis()).isEqualTo(400);
  }

  @Test
  void doesNotLimitATaskThatIsKnownToDoWithWhatItGot() {
    SimulatedAgents agents = agents(Settings.faultless().withLimitsEnforced());
    Resources used = new Resources(1500, 600, 0, 0, 0);
    var truth = new TaskTruth(10_000, End.SUCCEEDED, used, used, null);
    agents.expect("t", truth, new Resources(1000, 200, 0, 0, 0));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);
    advance(agents, after(60));

    assertThat(states()).containsExactly(State.STARTED, State.SUCCEEDED);
    TaskWord end = (TaskWord) words.get(1);
    assertThat(end.at()).isEqualTo(after(10));
    assertThat(end.peakUsage()).isEqualTo(used);
  }

  @Test
  void doesNothingTwiceForACommandThatComesTwice() {
    SimulatedAgents agents = agents(Settings.faultless());
    agents.expect("t", truth(10, End.SUCCEEDED));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), after(1));
    advance(agents, after(60));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), after(60));
    agents.accept(command(Action.RELEASE, "t", 1, 1000), after(61));
    agents.accept(command(Action.RELEASE, "t", 1, 1000), after(62));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), after(63));
    advance(agents, after(120));

    assertThat(states()).containsExactly(State.STARTED, State.SUCCEEDED);
    assertThat(agents.running()).isZero();
  }

  @Test
  void givesATaskBackWhenItIsPreemptedAndStartsItAnew() {
    SimulatedAgents agents = agents(Settings.faultless());
    agents.expect("t", truth(10, End.SUCCEEDED));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);
    advance(agents, after(4));
    agents.accept(command(Action.PREEMPT, "t", 1, 1000), after(4));
    agents.accept(command(Action.PREEMPT, "t", 1, 1000), after(5));
    agents.accept(command(Action.ALLOCATE, "t", 2, 1000), after(6));
    advance(agents, after(60));

    assertThat(states())
        .containsExactly(State.STARTED, State.PREEMPTED, State.STARTED, State.SUCCEEDED);
    assertThat(words)
        .extracting(AgentWord::at)
        .containsExactly(NOON, after(4), after(6), after(16));
    assertThat(((TaskWord) words.get(1)).durationMillis()).isEqualTo(4000);
    assertThat(((TaskWord) words.get(3)).commandId()).isEqualTo("t#2");
  }

  @Test
  void ignoresAWordAboutAPlacementThatWasClosedBeforeItCame() {
    SimulatedAgents agents = agents(Settings.faultless());
    agents.accept(command(Action.PREEMPT, "t", 1, 1000), NOON);
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);
    advance(agents, after(60));

    assertThat(words).isEmpty();
  }

  @Test
  void stopsSilentlyWhatIsReleased() {
    SimulatedAgents agents = agents(Settings.faultless());
    agents.expect("t", truth(10, End.SUCCEEDED));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);
    agents.accept(command(Action.RELEASE, "t", 1, 1000), after(3));
    advance(agents, after(60));

    assertThat(states()).containsExactly(State.STARTED);
    assertThat(agents.running()).isZero();
  }

  @Test
  void beatsWithWhatIsInUse() {
    SimulatedAgents agents = agents(heartbeats(Duration.ZERO));
    agents.expect("t", truth(15, End.SUCCEEDED));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);
    advance(agents, after(21));

    List<NodeWord> beats =
        words.stream().filter(NodeWord.class::isInstance).map(NodeWord.class::cast).toList();
    assertThat(beats).extracting(NodeWord::kind).containsOnly(Kind.HEARTBEAT);
    assertThat(beats).hasSize(3);
    assertThat(beats.get(0).usage()).isEqualTo(USED);
    assertThat(beats.get(2).usage()).isEqualTo(Resources.NONE);
  }

  @Test
  void losesWhatRunsOnANodeThatFallsSilentUntilItJoinsAgain() {
    SimulatedAgents agents = agents(heartbeats(Duration.ofSeconds(30)));
    agents.expect("t", truth(10, End.SUCCEEDED));
    agents.expect("nobody-there", truth(10, End.SUCCEEDED));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);
    agents.fallSilent("n", after(5));
    advance(agents, after(6));
    words.clear();
    agents.accept(command(Action.ALLOCATE, "nobody-there", 1, 1000), after(6));
    advance(agents, after(36));

    assertThat(words).hasSize(2);
    assertThat(words.get(0)).isEqualTo(new NodeWord(NODE, Kind.JOINED, Resources.NONE, after(35)));
    assertThat(agents.running()).isZero();
  }

  @Test
  void saysThatATaskIsLostOnANodeThatHasLeft() {
    SimulatedAgents agents = agents(Settings.faultless());
    agents.leave("n", after(1));
    advance(agents, after(1));
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), after(2));
    advance(agents, after(2));

    assertThat(states()).containsExactly(State.LOST);
  }

  @Test
  void leavesCommandsToThoseWhoSpeakForTheNode() {
    SimulatedAgents agents = new SimulatedAgents(Settings.faultless());
    agents.accept(command(Action.ALLOCATE, "t", 1, 1000), NOON);
    advance(agents, after(3600));

    assertThat(words).isEmpty();
    assertThat(agents.running()).isZero();
  }

  @Test
  void countsWhatIsGivenOutBeyondANodesCapacity() {
    SimulatedAgents agents = agents(Settings.faultless());
    IntStream.range(0, 5)
        .forEach(i -> agents.accept(command(Action.ALLOCATE, "t" + i, 1, 1000), NOON));
    advance(agents, after(5));
    assertThat(agents.overcommitments()).isZero();
    advance(agents, after(11));

    assertThat(agents.overcommitments()).isEqualTo(1);
  }

  @Test
  void waitsForThePlaceOfWhoIsStoppedForIt() {
    SimulatedAgents agents = agents(settings(Duration.ofSeconds(2), 1));
    agents.accept(command(Action.ALLOCATE, "t", 1, 4000), NOON);
    advance(agents, after(10));

    agents.accept(command(Action.ALLOCATE, "important", 1, 4000), after(10));
    agents.accept(command(Action.PREEMPT, "t", 1, 4000), after(15));
    advance(agents, after(20));

    assertThat(agents.overcommitments()).isZero();
    assertThat(agents.running()).isEqualTo(1);
  }

  @Test
  void losesNodesByChanceTheSameWayForTheSameSeed() {
    assertThat(lossesOf(3)).isEqualTo(lossesOf(3)).isNotEqualTo(lossesOf(4)).hasSizeGreaterThan(5);
  }

  private static List<AgentWord> lossesOf(long seed) {
    SimulatedAgents agents =
        new SimulatedAgents(
            new Settings(
                Duration.ZERO,
                Duration.ZERO,
                1,
                true,
                Duration.ofHours(1),
                Duration.ofMinutes(10),
                seed));
    agents.join(NODE, NOON);
    return agents.advanceTo(NOON.plus(Duration.ofDays(1)));
  }

  /** Agents of one node that joined at noon. */
  private static SimulatedAgents agents(Settings settings) {
    SimulatedAgents agents = new SimulatedAgents(settings);
    agents.join(NODE, NOON);
    agents.advanceTo(NOON);
    return agents;
  }

  private void advance(SimulatedAgents agents, Instant to) {
    words.addAll(agents.advanceTo(to));
  }

  private List<State> states() {
    return words.stream()
        .filter(TaskWord.class::isInstance)
        .map(word -> ((TaskWord) word).state())
        .toList();
  }

  private static Settings settings(Duration startDelay, double speedup) {
    return new Settings(Duration.ZERO, startDelay, speedup, false, Duration.ZERO, Duration.ZERO, 0);
  }

  private static Settings heartbeats(Duration silence) {
    return new Settings(Duration.ofSeconds(10), Duration.ZERO, 1, false, Duration.ZERO, silence, 0);
  }

  private static TaskTruth truth(long seconds, End end) {
    return new TaskTruth(seconds * 1000, end, USED, USED, null);
  }

  private static AgentCommand command(Action action, String task, int generation, long cpuMillis) {
    Resources given = new Resources(cpuMillis, 200, 0, 0, 0);
    return new AgentCommand(
        action,
        task,
        generation,
        "p",
        "ann",
        "query",
        List.of(new ShardPlacement(0, "n", given, List.of())));
  }

  private static Instant after(long seconds) {
    return NOON.plusSeconds(seconds);
  }
}
