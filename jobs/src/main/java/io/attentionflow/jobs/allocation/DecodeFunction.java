package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.wire.Decoded;
import io.attentionflow.schema.wire.RecordCodec;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * From bytes to a message that makes sense. Whatever comes, the job goes on: what is bad goes to
 * {@link DeadLetters#TAG}, with where it was read and why.
 *
 * @param <A> the record of the topic
 * @param <M> what the job makes of it
 */
final class DecodeFunction<A extends SpecificRecord, M extends Message>
    extends ProcessFunction<RawRecord, M> {

  private final Class<A> record;
  private final Check<A, ? extends M> check;
  private transient RecordCodec<A> codec;
  private transient ReasonCounters deadLetters;

  DecodeFunction(Class<A> record, Check<A, ? extends M> check) {
    this.record = record;
    this.check = check;
  }

  @Override
  public void open(OpenContext context) {
    codec = RecordCodec.of(record);
    deadLetters = new ReasonCounters(getRuntimeContext().getMetricGroup(), "dead_letters_total");
  }

  @Override
  public void processElement(RawRecord raw, Context ctx, Collector<M> out) {
    Decoded<? extends M> decoded = decode(raw, codec, check);
    if (decoded instanceof Decoded.Value<? extends M> message) {
      out.collect(message.value());
    } else if (decoded instanceof Decoded.Failure<? extends M> failure) {
      deadLetters.count(failure.reason());
      ctx.output(DeadLetters.TAG, DeadLetters.of(raw, failure.reason(), failure.detail()));
    } else {
      throw new IllegalStateException("No case for " + decoded);
    }
  }

  /** The message that a record is, or why it is none. */
  static <A extends SpecificRecord, M extends Message> Decoded<M> decode(
      RawRecord raw, RecordCodec<A> codec, Check<A, M> check) {
    Decoded<A> decoded = codec.decode(raw.value());
    if (decoded instanceof Decoded.Value<A> record) {
      return check.check(record.value(), raw.origin());
    }
    if (decoded instanceof Decoded.Failure<A> failure) {
      return new Decoded.Failure<>(failure.reason(), failure.detail());
    }
    throw new IllegalStateException("No case for " + decoded);
  }
}
