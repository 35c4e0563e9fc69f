package io.attentionflow.launcher.kafka;

import io.attentionflow.launcher.net.Ports;
import io.attentionflow.launcher.scratch.ScratchDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A real Kafka broker in this process: one node, broker and controller at once, on the loopback
 * address, in a directory of its own that is gone when it is closed.
 *
 * <p>For trying things out, for tests and for benchmarks: nothing in it is replicated. Topics are
 * not made on first use, so that a misspelt name is an error. Several can run in one process.
 *
 * <p>{@link #close} may be called from any thread, and more than once.
 */
public final class EmbeddedKafka implements AutoCloseable {

  private static final String HOST = "localhost";

  private final int port;
  private final ScratchDirectory directory;
  private final KafkaRaftServer server;
  private boolean closed;

  private EmbeddedKafka(int port, ScratchDirectory directory, KafkaRaftServer server) {
    this.port = port;
    this.directory = directory;
    this.server = server;
  }

  /** Starts a broker on a free port, and returns when it serves. */
  public static EmbeddedKafka start() throws Exception {
    return start(Ports.free());
  }

  /**
   * Starts a broker, and returns when it serves.
   *
   * @param port where clients reach it; free
   * @throws IOException if the port is taken or its directory cannot be made
   * @throws Exception if Kafka fails to start, for a reason of its own
   */
  public static EmbeddedKafka start(int port) throws Exception {
    if (!Ports.isFree(port)) {
      // The broker itself would answer this by ending the process.
      throw new IOException("port %d is taken".formatted(port));
    }
    ScratchDirectory directory = ScratchDirectory.create("attention-flow-kafka-");
    KafkaRaftServer server = null;
    boolean started = false;
    try {
      format(directory.path());
      server =
          new KafkaRaftServer(
              new KafkaConfig(settings(port, Ports.free(), directory.path())), Time.SYSTEM);
      server.startup();
      started = true;
      return new EmbeddedKafka(port, directory, server);
    } finally {
      if (!started) {
        if (server != null) {
          server.shutdown();
        }
        directory.close();
      }
    }
  }

  /** Where clients connect, as {@code host:port}. */
  public String bootstrapServers() {
    return HOST + ":" + port;
  }

  /** The port that clients connect to. */
  public int port() {
    return port;
  }

  /** Stops the broker and removes what it kept. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    server.shutdown();
    server.awaitShutdown();
    directory.close();
  }

  private static void format(Path directory) throws Exception {
    Formatter formatter = new Formatter();
    formatter
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setNodeId(1)
        .setClusterId(Uuid.randomUuid().toString())
        .setReleaseVersion(MetadataVersion.latestProduction())
        .setControllerListenerName("CONTROLLER")
        .setDirectories(List.of(directory.toString()))
        .setMetadataLogDirectory(directory.toString());
    formatter.run();
  }

  private static Properties settings(int port, int controllerPort, Path directory) {
    Properties settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("controller.quorum.voters", "1@%s:%d".formatted(HOST, controllerPort));
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put(
        "listeners",
        "PLAINTEXT://%s:%d,CONTROLLER://%s:%d".formatted(HOST, port, HOST, controllerPort));
    settings.put("advertised.listeners", "PLAINTEXT://%s:%d".formatted(HOST, port));
    settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("inter.broker.listener.name", "PLAINTEXT");
    settings.put("log.dirs", directory.toString());
    settings.put("auto.create.topics.enable", "false");

    // One node: one copy of everything.
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "4");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "8");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");

    // Nobody else joins: do not wait for them.
    settings.put("group.initial.rebalance.delay.ms", "0");
    // Flink's exactly-once sinks keep transactions open for as long as a restart may take.
    settings.put("transaction.max.timeout.ms", "3600000");
    return settings;
  }
}
