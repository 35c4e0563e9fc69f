package io.attentionflow.allocation.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of blocks of nodes, against a look at each node. */
class NodeScoresTest {

  private static final int MOST_NODES = 300;

  private final NodeScores scores = new NodeScores();
  private final float[] plain = new float[MOST_NODES];
  private final long[] order = new long[MOST_NODES];

  /** With few different scores, so that many are equal; and with many. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 100_000})
  void knowsTheBestOfEachBlockWhateverChanges(int differentScores) {
    Random random = new Random(differentScores);
    Arrays.fill(plain, NodeScores.NONE);
    Arrays.setAll(order, slot -> random.nextInt(1_000));
    int nodes = 1;
    for (int step = 0; step < 20_000; step++) {
      if (step % 50 == 0) {
        nodes = Math.min(MOST_NODES, nodes + random.nextInt(3));
        scores.resize(nodes);
      }
      int slot = random.nextInt(nodes);
      plain[slot] = random.nextInt(4) == 0 ? NodeScores.NONE : random.nextInt(differentScores);
      scores.set(slot, plain[slot], order[slot]);
      assertThat(scores.score(slot)).isEqualTo(plain[slot]);
      if (step % 10 == 0) {
        checkBounds(nodes);
        tightenSome(random, nodes);
      }
    }
  }

  @Test
  void promisesNothingWhereNoNodeTakesTheRequest() {
    scores.resize(100);

    assertThat(scores.mostPromising()).isEqualTo(-1);
  }

  private void checkBounds(int nodes) {
    float most = NodeScores.NONE;
    for (int block = 0; block < scores.blocks(); block++) {
      assertThat(scores.most(block)).isGreaterThanOrEqualTo(best(block));
      if (scores.most(block) == best(block)) {
        assertThat(scores.first(block)).isLessThanOrEqualTo(firstOfBest(block));
      }
      most = Math.max(most, scores.most(block));
    }
    assertThat(scores.to(scores.blocks() - 1)).isGreaterThanOrEqualTo(nodes);
    int promising = scores.mostPromising();
    assertThat(promising < 0 ? NodeScores.NONE : scores.most(promising)).isEqualTo(most);
  }

  private void tightenSome(Random random, int nodes) {
    long[] known = Arrays.copyOf(order, Math.max(nodes, scores.to(scores.blocks() - 1)));
    for (int block = 0; block < scores.blocks(); block++) {
      if (random.nextBoolean()) {
        scores.tighten(block, known);
        assertThat(scores.most(block)).isEqualTo(best(block));
        assertThat(scores.first(block)).isLessThanOrEqualTo(firstOfBest(block));
      }
    }
  }

  private float best(int block) {
    float best = NodeScores.NONE;
    for (int slot = scores.from(block); slot < Math.min(MOST_NODES, scores.to(block)); slot++) {
      best = Math.max(best, plain[slot]);
    }
    return best;
  }

  private long firstOfBest(int block) {
    float best = best(block);
    long first = Long.MAX_VALUE;
    for (int slot = scores.from(block); slot < Math.min(MOST_NODES, scores.to(block)); slot++) {
      if (plain[slot] == best && best > NodeScores.NONE) {
        first = Math.min(first, order[slot]);
      }
    }
    return first;
  }
}
