package io.attentionflow.launcher.kafka;

import io.attentionflow.jobs.allocation.BrokerAddress;
import io.attentionflow.jobs.allocation.KafkaProperties;
import io.attentionflow.launcher.ExistingFile;
import io.attentionflow.launcher.Failure;
import io.attentionflow.schema.topic.TopicNames;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The options of every command that talks to Kafka: which brokers, which topics, which security.
 *
 * <p>The command line overrides the environment, whose variables are those of the job. Of the
 * properties, those given one by one override those of the file. What is wrong with an option is
 * said when it is first asked for, and is bad usage.
 *
 * <p>Values of properties are never printed, since passwords are among them.
 */
public final class KafkaOptions {

  private static final String STANDARD_SERVERS = "localhost:9092";
  private static final String ENVIRONMENT_PREFIX = "ATTENTIONFLOW_KAFKA_";
  private static final String ENVIRONMENT_PROPERTIES = ENVIRONMENT_PREFIX + "PROPERTIES_";
  private static final String BOOTSTRAP_SERVERS = "bootstrap.servers";

  /** Names of settings that Kafka does not know, and that look like secrets. */
  private static final Pattern SECRET =
      Pattern.compile("password|secret|jaas|token|credential|\\.key$|user\\.info");

  /** Long enough for the other side of the world. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /** For handshakes and a first answer of a busy broker, when something does listen. */
  private static final Duration FIRST_ANSWER_TIMEOUT = Duration.ofSeconds(15);

  private final Map<String, String> environment;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT[,..]",
      description =
          "Brokers to begin with. Default: "
              + STANDARD_SERVERS
              + ", or what the environment says"
              + " as ATTENTIONFLOW_KAFKA_BOOTSTRAP_SERVERS.")
  private @Nullable String bootstrapServers;

  @Option(
      names = "--topic-prefix",
      paramLabel = "PREFIX",
      description =
          "Put before the name of every topic, so that several installations can share a cluster."
              + " Default: none, or what the environment says as ATTENTIONFLOW_KAFKA_TOPIC_PREFIX.")
  private @Nullable String topicPrefix;

  @Option(
      names = "--kafka-config",
      paramLabel = "FILE",
      converter = ExistingFile.class,
      description =
          "Settings of Kafka's clients in a properties file, for TLS and SASL. Secrets belong here,"
              + " or into the environment as ATTENTIONFLOW_KAFKA_PROPERTIES_SASL_JAAS_CONFIG and"
              + " the like: other users of the machine can read the command line.")
  private @Nullable Path configFile;

  @Option(
      names = "--kafka-property",
      paramLabel = "KEY=VALUE",
      description = "One setting of Kafka's clients; overrides the file. Repeatable.")
  private List<String> properties = new ArrayList<>();

  public KafkaOptions() {
    this(System.getenv());
  }

  KafkaOptions(Map<String, String> environment) {
    this.environment = environment;
  }

  /** Whether anybody said which brokers; if not, they are those of this machine. */
  public boolean namesBrokers() {
    return bootstrapServers != null
        || settings().containsKey(BOOTSTRAP_SERVERS)
        || environment.containsKey(ENVIRONMENT_PREFIX + "BOOTSTRAP_SERVERS");
  }

  /** Which brokers to begin with, as {@code host:port,host:port}. */
  public String bootstrapServers() {
    String servers = bootstrapServers;
    if (servers == null) {
      servers = settings().get(BOOTSTRAP_SERVERS);
    }
    if (servers == null) {
      servers =
          environment.getOrDefault(ENVIRONMENT_PREFIX + "BOOTSTRAP_SERVERS", STANDARD_SERVERS);
    }
    for (String server : servers.split(",", -1)) {
      BrokerAddress.problem(server.strip())
          .ifPresent(
              problem -> {
                throw wrong("The bootstrap servers: " + problem);
              });
    }
    return servers;
  }

  /** What every client of Kafka is given: where the brokers are, and the properties. */
  public Map<String, Object> clientSettings() {
    Map<String, Object> settings = new TreeMap<>(settings());
    settings.put(BOOTSTRAP_SERVERS, bootstrapServers());
    return settings;
  }

  /** What the topics are called. */
  public TopicNames topics() {
    String prefix = topicPrefix;
    if (prefix == null) {
      prefix = environment.getOrDefault(ENVIRONMENT_PREFIX + "TOPIC_PREFIX", "");
    }
    try {
      return new TopicNames(prefix);
    } catch (IllegalArgumentException e) {
      throw wrong("Bad " + e.getMessage());
    }
  }

  /**
   * A client that a broker has answered already. Where none does, that is found out at once if
   * nothing listens, and within seconds otherwise.
   *
   * @return to be closed by the caller
   * @throws Failure if no broker answers, or it lets us not in
   */
  public Admin admin() throws InterruptedException {
    Map<String, Object> settings = clientSettings();
    connect();
    Admin admin = null;
    try {
      admin = Admin.create(settings);
      var answer =
          admin.describeCluster(
              new DescribeClusterOptions().timeoutMs((int) FIRST_ANSWER_TIMEOUT.toMillis()));
      answer(answer.nodes());
      Admin connected = admin;
      admin = null;
      return connected;
    } catch (KafkaException e) {
      throw failure(e);
    } finally {
      if (admin != null) {
        admin.close(Duration.ZERO);
      }
    }
  }

  /**
   * Makes sure that a broker answers, before a client is made that would try for a minute.
   *
   * @throws Failure if none does, or it lets us not in
   */
  public void requireBroker() throws InterruptedException {
    admin().close();
  }

  /**
   * Waits for an answer of the cluster.
   *
   * @throws Failure if it refuses, or does not answer
   */
  public <T> T answer(KafkaFuture<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KafkaException refusal) {
        throw failure(refusal);
      }
      throw new IllegalStateException("an answer of Kafka that is none", e);
    }
  }

  /** What to tell the person whose command Kafka has refused. */
  public Failure failure(KafkaException refusal) {
    KafkaException cause = innermost(refusal);
    String what = hideSecrets(String.valueOf(cause.getMessage()));
    if (cause instanceof TimeoutException) {
      return new Failure(
          """
          the brokers at %s do not answer in time.
          If they want TLS or SASL, name a file with the client's settings by --kafka-config.
          If they run elsewhere, the addresses they advertise must be reachable from here.
          Kafka says: %s"""
              .formatted(bootstrapServers(), what),
          refusal);
    }
    if (cause instanceof AuthenticationException) {
      return new Failure(
          """
          the brokers at %s do not accept who we are: %s
          Check the security settings in the file of --kafka-config."""
              .formatted(bootstrapServers(), what),
          refusal);
    }
    if (cause instanceof AuthorizationException) {
      return new Failure(
          "the brokers at %s do not allow this: %s\nAsk for the missing rights (ACLs)."
              .formatted(bootstrapServers(), what),
          refusal);
    }
    if (cause instanceof ConfigException) {
      return new Failure(
          "a setting of the Kafka client is wrong: %s\nSee --kafka-config and --kafka-property."
              .formatted(what),
          refusal);
    }
    return new Failure("Kafka refuses: " + what, refusal);
  }

  private static KafkaException innermost(KafkaException refusal) {
    KafkaException innermost = refusal;
    for (Throwable cause = refusal; cause != null; cause = cause.getCause()) {
      if (cause instanceof KafkaException kafka) {
        innermost = kafka;
      }
    }
    return innermost;
  }

  private String hideSecrets(String text) {
    Map<String, ConfigDef.ConfigKey> known = AdminClientConfig.configDef().configKeys();
    String shown = text;
    for (Map.Entry<String, String> setting : settings().entrySet()) {
      ConfigDef.ConfigKey key = known.get(setting.getKey());
      boolean secret =
          key == null
              ? SECRET.matcher(setting.getKey()).find()
              : key.type() == ConfigDef.Type.PASSWORD;
      if (secret && !setting.getValue().isEmpty()) {
        shown = shown.replace(setting.getValue(), "[hidden]");
      }
    }
    return shown;
  }

  /** Kafka's clients try an address that nobody listens at for as long as any other. */
  private void connect() {
    List<String> complaints = new ArrayList<>();
    for (String server : bootstrapServers().split(",", -1)) {
      String complaint = connect(server.strip());
      if (complaint == null) {
        return;
      }
      complaints.add(server.strip() + " (" + complaint + ")");
    }
    throw new Failure(
        """
        no broker at %s.
        Start one there, or name another by --bootstrap-servers HOST:PORT or in the environment as
        %sBOOTSTRAP_SERVERS. To try things out without one: attention-flow local."""
            .formatted(String.join(", ", complaints), ENVIRONMENT_PREFIX));
  }

  /** Why nothing can be reached there; null: something listens. */
  private static @Nullable String connect(String server) {
    int colon = server.lastIndexOf(':');
    String complaint = "no address";
    try {
      for (InetAddress address : InetAddress.getAllByName(server.substring(0, colon))) {
        try (Socket socket = new Socket()) {
          int port = Integer.parseInt(server.substring(colon + 1));
          socket.connect(new InetSocketAddress(address, port), (int) CONNECT_TIMEOUT.toMillis());
          return null;
        } catch (IOException e) {
          complaint = String.valueOf(e.getMessage());
        } catch (IllegalArgumentException e) {
          return "no such port";
        }
      }
    } catch (IOException e) {
      return "unknown host";
    }
    return complaint;
  }

  /** From the environment, the file and the command line, in this order. */
  private Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(ENVIRONMENT_PROPERTIES)) {
            settings.put(KafkaProperties.ofVariable(name), value);
          }
        });
    settings.putAll(fromFile());
    for (String property : properties) {
      int equals = property.indexOf('=');
      if (equals < 1) {
        throw wrong("--kafka-property wants KEY=VALUE, and one has no key or no '='");
      }
      settings.put(property.substring(0, equals).strip(), property.substring(equals + 1).strip());
    }
    return settings;
  }

  private Map<String, String> fromFile() {
    Map<String, String> settings = new TreeMap<>();
    if (configFile != null) {
      Properties read = new Properties();
      try (Reader reader = Files.newBufferedReader(configFile, StandardCharsets.UTF_8)) {
        read.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        throw wrong("Cannot read --kafka-config " + configFile + ": " + e.getMessage());
      }
      read.stringPropertyNames().forEach(key -> settings.put(key, read.getProperty(key).strip()));
    }
    return settings;
  }

  private ParameterException wrong(String what) {
    return new ParameterException(command.commandLine(), what);
  }
}
