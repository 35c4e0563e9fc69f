package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.wire.Decoded;
import io.attentionflow.schema.wire.RecordCodec;
import java.io.Serializable;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.apache.avro.specific.SpecificRecord;

/**
 * The messages that a topic holds when a function starts without state of its own.
 *
 * <p>Says nothing about what is no message: the topic is read by a source too, and whatever comes
 * that way is decoded once more.
 *
 * @param <M> what the job makes of a record
 */
final class Backlog<M extends Message> implements Serializable {

  private final TopicContents contents;
  private final Decoding<M> decoding;

  /** From a record as it came to a message. */
  private interface Decoding<M extends Message> extends Serializable {
    Function<RawRecord, Decoded<M>> begin();
  }

  private Backlog(TopicContents contents, Decoding<M> decoding) {
    this.contents = contents;
    this.decoding = decoding;
  }

  static <A extends SpecificRecord, M extends Message> Backlog<M> of(
      TopicContents contents, Class<A> record, Check<A, M> check) {
    return new Backlog<>(
        contents,
        () -> {
          RecordCodec<A> codec = RecordCodec.of(record);
          return raw -> DecodeFunction.decode(raw, codec, check);
        });
  }

  /**
   * The message of the highest version by key, in order of the keys; the first of equal versions.
   *
   * @param counts others are passed over
   */
  SortedMap<String, M> newest(
      Function<M, String> key, ToLongFunction<M> version, Predicate<M> counts) {
    SortedMap<String, M> newest = new TreeMap<>();
    Function<RawRecord, Decoded<M>> decode = decoding.begin();
    contents.forEach(
        raw -> {
          if (decode.apply(raw) instanceof Decoded.Value<M> decoded
              && counts.test(decoded.value())) {
            newest.merge(
                key.apply(decoded.value()),
                decoded.value(),
                (known, next) ->
                    version.applyAsLong(next) > version.applyAsLong(known) ? next : known);
          }
        });
    return newest;
  }
}
