package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.jobs.layout.LongLayout;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpiringStatesTest {

  private static final long TTL_MILLIS = 1_000;

  private KeyedStates states;

  /** A value, and when it was put. */
  private record Put(long value, long atMillis) {}

  @BeforeEach
  void begin() throws Exception {
    states = new KeyedStates();
  }

  @AfterEach
  void end() throws Exception {
    states.close();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, HEAP",
    "0, 100, HEAP",
    "5, 2, HEAP",
    "1000, 1, HEAP",
    "1000, 3, HEAP",
    "1000, 100, HEAP",
    "1000, 3, ROCKSDB"
  })
  void holdsWhatWasPutUntilItsTimeIsOver(
      int mostUnwritten, int mostKeys, KeyedStates.Backend backend) throws Exception {
    states.close();
    states = new KeyedStates(backend, null);
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    ExpiringStates<Long> values = values(mostUnwritten, mostKeys);
    Map<String, Map<String, Put>> plain = new HashMap<>();
    long now = 0;
    for (int i = 0; i < 2_000; i++) {
      now += random.nextInt(20);
      String key = "key" + random.nextInt(4);
      String id = "id" + random.nextInt(300);
      states.become(key);
      Map<String, Put> expected = plain.computeIfAbsent(key, unused -> new HashMap<>());
      switch (random.nextInt(13)) {
        case 0 -> values.write(states::become);
        case 1 -> {
          values.write(states::become);
          values = values(mostUnwritten, mostKeys);
        }
        case 2 -> {
          long at = now;
          expected.values().removeIf(put -> at - put.atMillis >= TTL_MILLIS);
          assertThat(values.sweep(key, now)).as("seed %d", seed).isEqualTo(expected.isEmpty());
        }
        case 3 -> values.of(key);
        case 4, 5 -> {
          values.of(key).remove(id);
          expected.remove(id);
        }
        case 6, 7, 8 -> {
          // Many at once now and then: what is known of a key with few is forgotten.
          for (int left = random.nextInt(10) == 0 ? 150 : 1; left > 0; left--) {
            String one = "id" + random.nextInt(300);
            values.of(key).put(one, (long) i, now);
            expected.put(one, new Put(i, now));
          }
        }
        default -> {
          Put put = expected.get(id);
          Long left = put == null || now - put.atMillis >= TTL_MILLIS ? null : put.value;
          assertThat(values.of(key).get(id, now)).as("seed %d", seed).isEqualTo(left);
        }
      }
    }
  }

  @Test
  void isInStateOnlyOnceItIsWritten() {
    ExpiringStates<Long> values = values(10, 10);
    states.become("key");
    values.of("key").put("id", 7L, 0);
    assertThat(values(10, 10).of("key").get("id", 0)).isNull();

    states.become("other");
    values.write(states::become);
    states.become("key");
    assertThat(values(10, 10).of("key").get("id", 0)).isEqualTo(7);
  }

  @Test
  void writesWhatIsTooMuchToKeep() {
    ExpiringStates<Long> values = values(2, 10);
    states.become("key");
    for (String id : new String[] {"a", "b", "c"}) {
      values.of("key").put(id, 7L, 0);
    }

    assertThat(values(2, 10).of("key").get("a", 0)).isEqualTo(7);
  }

  private ExpiringStates<Long> values(int mostUnwritten, int mostKeys) {
    return new ExpiringStates<>(
        states.context(),
        "values",
        LongLayout.INSTANCE,
        Duration.ofMillis(TTL_MILLIS),
        mostUnwritten,
        mostKeys);
  }
}
