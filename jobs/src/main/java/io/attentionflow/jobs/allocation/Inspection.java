package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.wire.Decoded;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the fields of one record, and keeps the first thing that is wrong.
 *
 * <p>A field is called by its name in the schema, so that whoever reads a dead letter finds it.
 */
final class Inspection {

  /** A whole GPU, in thousandths. */
  private static final long WHOLE = 1000;

  /** The first instant of the year 10000: later ones do not even print well. */
  private static final long END_OF_TIME_MILLIS = 253_402_300_800_000L;

  /** Beyond any that is counted up to; a larger one could not be followed by another. */
  static final long MOST_COUNTED = 1L << 53;

  /**
   * Longest id of a node, in characters. A host's name has at most 253 (RFC 1035, section 2.3.4),
   * and a command names a node for each shard: it must fit its topic whatever a task is cut into.
   */
  static final int LONGEST_NODE_ID = 255;

  private final PipelineOptions.Input bounds;
  private final PipelineOptions.Time time;
  private final Origin origin;
  private @Nullable DeadLetterReason reason;
  private String detail = "";

  Inspection(PipelineOptions.Input bounds, PipelineOptions.Time time, Origin origin) {
    this.bounds = bounds;
    this.time = time;
    this.origin = origin;
  }

  /** The message if nothing is wrong, made only then. */
  <M> Decoded<M> orElse(Supplier<M> message) {
    return reason == null
        ? new Decoded.Value<>(message.get())
        : new Decoded.Failure<>(reason, detail);
  }

  void id(String field, String id) {
    id(field, id, bounds.maxText());
  }

  /** An id that may be longer than other texts, or must be shorter. */
  void id(String field, String id, int longest) {
    if (id.isEmpty()) {
      flaw(DeadLetterReason.MISSING_ID, field + " is empty");
    }
    text(field, id, longest);
  }

  void nodeId(String field, String id) {
    id(field, id, Math.min(bounds.maxText(), LONGEST_NODE_ID));
  }

  void pool(String pool) {
    if (pool.isEmpty()) {
      flaw(DeadLetterReason.MISSING_POOL, "pool is empty");
    }
    text("pool", pool);
    if (!bounds.pools().isEmpty() && !bounds.pools().contains(pool)) {
      flaw(
          DeadLetterReason.UNKNOWN_POOL,
          "pool is '%s'; there are %s".formatted(pool, String.join(", ", bounds.pools())));
    }
  }

  void text(String field, String text) {
    text(field, text, bounds.maxText());
  }

  void text(String field, String text, int longest) {
    if (text.length() > longest) {
      flaw(
          DeadLetterReason.ABSURD_AMOUNT,
          "%s has %d characters, more than %d".formatted(field, text.length(), longest));
    }
  }

  void texts(String field, Collection<String> texts) {
    texts(field, texts, bounds.maxEntries(), bounds.maxText());
  }

  void texts(String field, Collection<String> texts, int most, int longest) {
    if (texts.size() > most) {
      flaw(
          DeadLetterReason.ABSURD_AMOUNT,
          "%s has %d entries, more than %d".formatted(field, texts.size(), most));
    }
    for (String text : texts) {
      text(field, text, longest);
    }
  }

  void texts(String field, Map<String, String> texts) {
    texts(field, texts.keySet());
    texts(field, texts.values());
  }

  /** An enum: UNKNOWN is what a reader makes of a symbol that came later than it. */
  void known(String field, Enum<?> symbol) {
    if (symbol.name().equals("UNKNOWN")) {
      flaw(DeadLetterReason.UNKNOWN_ENUM, field + " is UNKNOWN");
    }
  }

  /** The time of the event itself. */
  void eventTime(String field, Instant at) {
    timeInRange(field, at);
    long aheadMillis = at.toEpochMilli() - origin.brokerTimeMillis();
    if (aheadMillis > time.maxAhead().toMillis()) {
      flaw(
          DeadLetterReason.TIME_IN_FUTURE,
          "%s is %s, which is %d ms ahead of the broker; %d ms are allowed"
              .formatted(field, at, aheadMillis, time.maxAhead().toMillis()));
    }
  }

  /** Any time, such as a deadline. */
  void timeInRange(String field, Instant at) {
    long millis = at.toEpochMilli();
    if (millis < 0 || millis >= END_OF_TIME_MILLIS) {
      flaw(
          DeadLetterReason.TIME_INVALID,
          "%s is %d ms since 1970; it must be within the years 1970 to 9999"
              .formatted(field, millis));
    }
  }

  void durationMillis(String field, long millis) {
    amount(field, millis, bounds.maxDuration().toMillis());
  }

  void amount(String field, long amount, long most) {
    if (amount < 0) {
      flaw(DeadLetterReason.NEGATIVE_AMOUNT, "%s is %d".formatted(field, amount));
    }
    if (amount > most) {
      flaw(DeadLetterReason.ABSURD_AMOUNT, "%s is %d, more than %d".formatted(field, amount, most));
    }
  }

  /** What is asked for, or what a node has: several GPUs are whole ones. */
  void resources(String field, Resources resources) {
    usage(field, resources);
    if (resources.getGpuCount() > 1 && resources.getGpuMillis() != WHOLE) {
      flaw(
          DeadLetterReason.ABSURD_AMOUNT,
          "%s.gpuMillis is %d of each of %d GPUs; several GPUs are whole ones"
              .formatted(field, resources.getGpuMillis(), resources.getGpuCount()));
    }
  }

  /** What was measured: several GPUs may each be used in part. */
  void usage(String field, Resources usage) {
    part(field, "cpuMillis", usage.getCpuMillis(), bounds.maxCpuMillis());
    part(field, "memoryMib", usage.getMemoryMib(), bounds.maxMemoryMib());
    part(field, "gpuCount", usage.getGpuCount(), bounds.maxGpuCount());
    part(field, "gpuMillis", usage.getGpuMillis(), WHOLE);
    part(field, "ioMibps", usage.getIoMibps(), bounds.maxIoMibps());
  }

  /** Names are put together only where something is wrong. */
  private void part(String field, String part, long amount, long most) {
    if (amount < 0 || amount > most) {
      amount(field + "." + part, amount, most);
    }
  }

  void shards(int least, int most) {
    if (least < 1 || most < least || most > bounds.maxShards()) {
      flaw(
          DeadLetterReason.INVALID_SHARDS,
          "minShards is %d and maxShards %d; 1 <= minShards <= maxShards <= %d must hold"
              .formatted(least, most, bounds.maxShards()));
    }
  }

  /** Keeps what is wrong, unless something was wrong before. */
  void flaw(DeadLetterReason newReason, String newDetail) {
    if (reason == null) {
      reason = newReason;
      detail = newDetail;
    }
  }

  /** An amount as the engine knows it. */
  static io.attentionflow.allocation.Resources engineResources(Resources resources) {
    return new io.attentionflow.allocation.Resources(
        resources.getCpuMillis(),
        resources.getMemoryMib(),
        resources.getGpuCount(),
        resources.getGpuMillis(),
        resources.getIoMibps());
  }

  /** The same of what was measured: of partly used GPUs, as many whole ones as make up the sum. */
  static io.attentionflow.allocation.Resources engineUsage(Resources usage) {
    long gpuMillis = usage.getGpuCount() * usage.getGpuMillis();
    int count = (int) ((gpuMillis + WHOLE - 1) / WHOLE);
    return new io.attentionflow.allocation.Resources(
        usage.getCpuMillis(),
        usage.getMemoryMib(),
        count,
        count > 1 ? WHOLE : gpuMillis,
        usage.getIoMibps());
  }
}
