package io.attentionflow.launcher.policy;

import io.attentionflow.client.AllocationView;
import io.attentionflow.client.ViewOptions;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.kafka.KafkaOptions;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.KafkaException;

/**
 * Tells a person who has written a policy for a pool that nothing is known of: its name may be
 * misspelt, or its nodes may be yet to come. A policy is in force either way.
 */
final class PoolHint {

  private PoolHint() {}

  /**
   * Says so if neither node nor task of the pool is known; reads the allocation topics for it.
   *
   * @param timeout how long that may take; when it is over, nothing is said
   */
  static void give(KafkaOptions kafka, Duration timeout, String pool, Console console)
      throws InterruptedException {
    if (pool.equals("*")) {
      return;
    }
    ViewOptions standard = ViewOptions.STANDARD;
    ViewOptions options =
        new ViewOptions(
            kafka.topics(), standard.lookBack(), standard.retention(), standard.mostSettled());
    try (AllocationView view = new AllocationView(kafka.clientSettings(), options)) {
      view.start();
      if (view.awaitCaughtUp(timeout) && !view.pools().contains(pool)) {
        console.say(hint(pool, view.pools()));
      }
    } catch (KafkaException e) {
      console.say(
          "It is written; whether there is such a pool could not be seen: "
              + kafka.failure(e).advice());
    }
  }

  private static String hint(String pool, List<String> known) {
    return "It is written, but no node or task of pool '%s' has been heard of. Known are: %s."
        .formatted(pool, known.isEmpty() ? "none" : String.join(", ", known));
  }
}
