package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.jobs.layout.BytesLayout;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.Packing;
import io.attentionflow.jobs.layout.Page;
import io.attentionflow.jobs.layout.SameHash;
import io.attentionflow.jobs.layout.TextLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.util.StateMigrationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PagesTest {

  private KeyedStates states;
  private MapState<Integer, byte[]> state;

  @BeforeEach
  void begin() throws Exception {
    states = new KeyedStates();
    use(states);
  }

  private void use(KeyedStates keyed) {
    keyed.become("key");
    state = keyed.context().getMapState(Pages.descriptor("pages"));
  }

  private void use(KeyedStates.Backend backend) throws Exception {
    states.close();
    states = new KeyedStates(backend, null);
    use(states);
  }

  @AfterEach
  void end() throws Exception {
    states.close();
  }

  @ParameterizedTest
  @CsvSource({"1, HEAP", "20, HEAP", "400, HEAP", "400, ROCKSDB"})
  void holdsWhatAMapHolds(int ids, KeyedStates.Backend backend) throws Exception {
    use(backend);
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Pages pages = new Pages(state);
    Map<String, Byte> expected = new TreeMap<>();
    for (int i = 0; i < 1_000; i++) {
      int kind = random.nextInt(50);
      if (kind == 0) {
        pages = new Pages(state);
      } else if (kind == 1) {
        byte most = (byte) random.nextInt(128);
        pages.removeIf((page, entry) -> page[Page.valueOf(page, entry)] > most);
        expected.values().removeIf(value -> value > most);
      } else if (kind == 2 && random.nextInt(10) == 0) {
        pages.clear();
        expected.clear();
      } else {
        pages.change(changes(random, ids, expected));
      }
      assertSame(pages, expected, ids, seed);
    }
  }

  /** Of a batch, each of another id, some of which have the same hash. */
  private static List<Pages.Change> changes(Random random, int ids, Map<String, Byte> expected) {
    Map<String, byte[]> batch = new TreeMap<>();
    for (int left = random.nextInt(60); left > 0; left--) {
      String id = id(random.nextInt(ids));
      byte value = (byte) random.nextInt(128);
      boolean removed = random.nextInt(3) == 0;
      batch.put(id, removed ? Pages.NOTHING : new byte[] {value});
    }
    List<Pages.Change> changes = new ArrayList<>();
    batch.forEach(
        (id, value) -> {
          changes.add(Pages.Change.of(id, value));
          if (value == Pages.NOTHING) {
            expected.remove(id);
          } else {
            expected.put(id, value[0]);
          }
        });
    return changes;
  }

  /** The first ones come in pairs of the same hash. */
  private static String id(int number) {
    int pair = number / 2;
    return pair < SameHash.PAIRS.size() ? SameHash.PAIRS.get(pair).get(number % 2) : "id" + number;
  }

  private void assertSame(Pages pages, Map<String, Byte> expected, int ids, long seed)
      throws Exception {
    Map<String, Byte> held = new TreeMap<>();
    for (int number = 0; number < ids; number++) {
      Byte value = pages.get(id(number), (page, at, length) -> page[at]);
      if (value != null) {
        held.put(id(number), value);
      }
    }
    assertThat(held).as("seed %d", seed).isEqualTo(expected);
    assertThat(pages.known()).as("seed %d", seed).isLessThanOrEqualTo(expected.size());
    assertThat(entries()).as("seed %d", seed).isEqualTo(expected.size());
    // A page is as good as full, or was when it was last changed, or is the latest.
    assertThat(numberOfPages()).as("seed %d", seed).isLessThanOrEqualTo(expected.size() / 4 + 2);
  }

  private int entries() throws Exception {
    int entries = 0;
    for (byte[] page : state.values()) {
      entries += Page.count(page);
    }
    return entries;
  }

  private long numberOfPages() throws Exception {
    long pages = 0;
    for (Integer unused : state.keys()) {
      pages++;
    }
    return pages;
  }

  @Test
  void putsWhatComesTogetherIntoFewPages() throws Exception {
    Pages pages = new Pages(state);
    pages.change(IntStream.range(0, 1_000).mapToObj(i -> put("task-" + i)).toList());
    assertThat(numberOfPages()).isEqualTo(63);

    for (int i = 1_000; i < 1_100; i++) {
      pages.change(List.of(put("task-" + i)));
    }
    assertThat(numberOfPages()).as("one by one, too").isEqualTo(69);
  }

  @Test
  void goesOnWithTheLatestPageAfterARestore() throws Exception {
    for (int i = 0; i < 20; i++) {
      new Pages(state).change(List.of(put("task-" + i)));
    }

    assertThat(numberOfPages()).isEqualTo(2);
  }

  @Test
  void leavesPagesAloneOfWhichNothingIsChanged() throws Exception {
    Pages pages = new Pages(state);
    pages.change(IntStream.range(0, 160).mapToObj(i -> put("task-" + i)).toList());
    Map<Integer, byte[]> before = contents();

    pages.change(List.of(put("task-7"), put("new")));

    Map<Integer, byte[]> after = contents();
    assertThat(before).hasSize(10);
    assertThat(after).hasSize(11);
    assertThat(before.keySet().stream().filter(number -> after.get(number) != before.get(number)))
        .as("the very arrays")
        .hasSize(1);
  }

  @Test
  void isFoundAgainAfterARestore() throws Exception {
    new Pages(state).change(List.of(put("task")));
    try (KeyedStates restored = new KeyedStates(KeyedStates.Backend.HEAP, states.save())) {
      restored.become("key");
      Pages pages = new Pages(restored.context().getMapState(Pages.descriptor("pages")));

      assertThat(pages.<Byte>get("task", (page, at, length) -> page[at])).isEqualTo((byte) 1);
    }
  }

  /** Rather than pass over what an earlier build had kept. */
  @Test
  void refusesStateThatHasAnEntryForEachId() throws Exception {
    MapState<String, byte[]> byId =
        states
            .context()
            .getMapState(
                new MapStateDescriptor<>(
                    "tasks",
                    new LayoutTypeInfo<>(TextLayout.INSTANCE),
                    new LayoutTypeInfo<>(BytesLayout.INSTANCE)));
    byId.put("task", one(1));
    try (KeyedStates restored = new KeyedStates(KeyedStates.Backend.HEAP, states.save())) {
      assertThatThrownBy(() -> restored.context().getMapState(Pages.descriptor("tasks")))
          .hasRootCauseInstanceOf(StateMigrationException.class);
    }
  }

  @Test
  void givesAllValues() {
    Packing<byte[]> packing = new Packing<>(BytesLayout.INSTANCE);
    Pages pages = new Pages(state);
    pages.change(
        IntStream.range(0, 50)
            .mapToObj(i -> Pages.Change.of("task-" + i, packing.pack(new byte[] {(byte) i})))
            .toList());

    assertThat(pages.values(packing)).hasSize(50).anyMatch(value -> Arrays.equals(value, one(49)));
    assertThat(new Pages(state).values(packing)).hasSize(50);
    states.become("other");
    assertThat(new Pages(state).values(packing)).isEmpty();
  }

  private static byte[] one(int number) {
    return new byte[] {(byte) number};
  }

  private static Pages.Change put(String id) {
    return Pages.Change.of(id, one(1));
  }

  private Map<Integer, byte[]> contents() throws Exception {
    Map<Integer, byte[]> contents = new TreeMap<>();
    for (Map.Entry<Integer, byte[]> page : state.entries()) {
      contents.put(page.getKey(), page.getValue());
    }
    return contents;
  }
}
