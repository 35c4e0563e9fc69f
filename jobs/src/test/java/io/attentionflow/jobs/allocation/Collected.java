package io.attentionflow.jobs.allocation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * What a stream brought, for a test in the same JVM to take out one by one.
 *
 * @param <T> what the stream carries
 */
final class Collected<T> {

  /** Longer than any machine should take; a test that waits so long has failed. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Map<String, BlockingQueue<Object>> QUEUES = new ConcurrentHashMap<>();

  private final BlockingQueue<Object> queue;

  private Collected(BlockingQueue<Object> queue) {
    this.queue = queue;
  }

  /** Collects all that the stream brings, under a name that is unique in the JVM. */
  static <T> Collected<T> of(DataStream<T> stream, String name) {
    stream.sinkTo(new Collector<>(name)).uid("collect-" + name).name("collect " + name);
    return new Collected<>(queue(name));
  }

  private static BlockingQueue<Object> queue(String name) {
    return QUEUES.computeIfAbsent(name, unused -> new LinkedBlockingQueue<>());
  }

  /** The next; waits for it. */
  @SuppressWarnings("unchecked") // only the stream of T puts in
  T next() throws InterruptedException {
    Object next = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("Nothing came in " + PATIENCE);
    }
    return (T) next;
  }

  /** All that has come and was not taken; does not wait. */
  @SuppressWarnings("unchecked") // only the stream of T puts in
  List<T> rest() {
    List<Object> rest = new ArrayList<>();
    queue.drainTo(rest);
    return (List<T>) rest;
  }

  private record Collector<T>(String name) implements Sink<T> {

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
      BlockingQueue<Object> queue = queue(name);
      return new SinkWriter<>() {
        @Override
        public void write(T element, Context unused) {
          queue.add(element);
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public void close() {}
      };
    }
  }
}
