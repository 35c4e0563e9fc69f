package io.attentionflow.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.NodeState.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the table says against a look at each node. */
class RoomTableTest {

  private static final List<String> MODELS = List.of("T4", "V100", "A10");
  private static final List<Status> STATUSES = List.of(Status.values());

  private final NodeTable nodes = new NodeTable(new InMemoryPoolStore());
  private final RoomTable table = new RoomTable(nodes);
  private int tasks;

  /** Of few nodes, of as many as make full blocks, and of more. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 64, 200, 1000})
  void findsTheNodesThatWouldNotRefuse(int most) {
    Random random = new Random(most);
    int found = 0;
    for (int step = 0; step < 3_000; step++) {
      changeOne(most, random);
      if (random.nextInt(3) == 0) {
        tellOfChanges();
        found += compare(anyDemand(random), anyModels(random), random);
      }
    }
    assertThat(found).isPositive();
  }

  private void changeOne(int most, Random random) {
    Node node = nodes.find("node-%04d".formatted(random.nextInt(most)));
    int dice = random.nextInt(100);
    if (node == null || dice < 3) {
      nodes.put(anyNode("node-%04d".formatted(random.nextInt(most)), random));
    } else if (dice < 6 && node.shards() == 0) {
      nodes.remove(node);
    } else if (node.refuses(anyDemand(random), List.of()) == null) {
      Resources asked = anyDemand(random);
      if (node.hasRoomFor(asked)) {
        node.take("task-" + tasks++, 0, asked);
      }
    }
  }

  private static NodeState anyNode(String nodeId, Random random) {
    return new NodeState(
        nodeId,
        new Resources(
            random.nextInt(20) == 0 ? Long.MAX_VALUE / 2 : 1000L * (1 + random.nextInt(8)),
            1024L * (1 + random.nextInt(8)),
            random.nextInt(4),
            1000,
            100L * random.nextInt(3)),
        Resources.NONE,
        random.nextInt(3) == 0 ? null : MODELS.get(random.nextInt(3)),
        random.nextInt(5) == 0 ? STATUSES.get(random.nextInt(4)) : Status.READY,
        Pools.at(0),
        null);
  }

  private static Resources anyDemand(Random random) {
    int gpus = random.nextInt(3) == 0 ? 1 + random.nextInt(2) : 0;
    return new Resources(
        500L * random.nextInt(8),
        random.nextInt(30) == 0 ? Long.MAX_VALUE : 512L * random.nextInt(8),
        gpus,
        gpus == 1 ? 100 * (1 + random.nextInt(10)) : gpus == 0 ? 0 : 1000,
        random.nextInt(4) == 0 ? 50 : 0);
  }

  private static List<String> anyModels(Random random) {
    return random.nextInt(3) == 0 ? List.of("T4", "A10") : List.of();
  }

  private void tellOfChanges() {
    for (Node node : nodes.changed()) {
      if (nodes.has(node)) {
        table.update(node);
      }
    }
    nodes.clearChanged();
  }

  private int compare(Resources asked, List<String> models, Random random) {
    List<Node> inOrder = nodes.inOrder();
    List<Integer> expected = new ArrayList<>();
    for (int place = 0; place < inOrder.size(); place++) {
      if (inOrder.get(place).refuses(asked, models) == null) {
        expected.add(place);
      }
    }
    int found = expected.size();

    table.seek(new Demand(asked), models);
    assertThat(IntStream.range(0, inOrder.size()).filter(table::hasRoom).boxed())
        .isEqualTo(expected);

    List<Node> taken = new ArrayList<>();
    if (!expected.isEmpty() && random.nextBoolean()) {
      taken.add(table.take(expected.remove(random.nextInt(expected.size()))));
    }
    assertThat(table.count()).isEqualTo(expected.size());
    for (int i = 0; i < 5 && !expected.isEmpty(); i++) {
      int k = random.nextInt(expected.size());
      int place = expected.remove(k);
      assertThat(table.placeOf(k)).isEqualTo(place);
      taken.add(table.take(place));
      assertThat(taken.get(taken.size() - 1)).isSameAs(inOrder.get(place));
    }
    taken.forEach(table::update);
    return found;
  }
}
