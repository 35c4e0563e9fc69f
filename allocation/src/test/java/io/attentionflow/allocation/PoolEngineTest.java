package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.cores;
import static io.attentionflow.allocation.Pools.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.PoolEvent.Outcome;
import org.junit.jupiter.api.Test;

/** The life of tasks and nodes in one pool, a step at a time. */
class PoolEngineTest {

  private final Pool pool = new Pool(PoolPolicy.defaults());

  @Test
  void placesATaskThatFitsAtOnceAndTellsNobodyThatItWaits() {
    pool.join("a", cores(2), 0);

    pool.submit(task("t"), 1);

    assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED a");
  }

  @Test
  void tellsATaskThatWaitsWhyAndWhenItWaitsNoMore() {
    pool.join("a", cores(1), 0);
    pool.submit(task("t"), 1);

    pool.submit(task("u"), 2);
    assertThat(pool.said()).containsExactly("u waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");

    pool.stop("t", 1, "a", Outcome.SUCCEEDED, 3);
    assertThat(pool.said())
        .containsExactly(
            "RELEASE t#1/RELEASE SUCCEEDED a", "ALLOCATE u#1 PLACED a", "u waits no more");
  }
}
