package io.attentionflow.launcher.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A session cluster of Flink as users have one: a JobManager and TaskManagers, each a process, with
 * Flink's libraries and nothing of ours, to which a jar is submitted by Flink's own command line.
 */
final class SessionCluster implements AutoCloseable {

  /** Longer than any machine should take. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String JOB_MANAGER =
      "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
  private static final String TASK_MANAGER =
      "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";
  private static final String COMMAND_LINE = "org.apache.flink.client.cli.CliFrontend";

  /** Libraries that come with the job's jar, or that only its tests need. */
  private static final Pattern OF_JOBS =
      Pattern.compile(
          "attention-flow|kafka|flink-connector-kafka|flink-avro|flink-ml|avro|jackson|datasketches");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final Path home;
  private final int restPort;
  private final List<Process> processes = new ArrayList<>();
  private int started;
  private int metricsPort;

  private SessionCluster(Path home, int restPort) {
    this.home = home;
    this.restPort = restPort;
  }

  /** What a test waits for. */
  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  /**
   * Starts a JobManager.
   *
   * @param home where its configuration, its logs and the state of jobs go
   */
  static SessionCluster start(Path home) throws IOException, InterruptedException {
    int restPort = freePort();
    Path conf = Files.createDirectories(home.resolve("conf"));
    Files.writeString(conf.resolve("config.yaml"), configuration(home, freePort(), restPort));
    Files.writeString(
        conf.resolve("log4j.properties"),
        """
        rootLogger.level = INFO
        rootLogger.appenderRef.console.ref = console
        appender.console.name = console
        appender.console.type = CONSOLE
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %d %p %c{1} %m%n
        """);
    SessionCluster cluster = new SessionCluster(home, restPort);
    cluster.processes.add(cluster.run("jobmanager", 384, JOB_MANAGER, "--configDir", conf));
    cluster.await("the JobManager answers", () -> cluster.get("/overview") != null);
    return cluster;
  }

  /** Nothing but addresses, sizes, and where state goes: the rest is as Flink comes. */
  private static String configuration(Path home, int rpcPort, int restPort) {
    return """
        jobmanager.rpc.address: localhost
        jobmanager.rpc.port: %d
        rest.address: localhost
        rest.port: %d
        taskmanager.host: localhost
        taskmanager.numberOfTaskSlots: 2
        taskmanager.cpu.cores: 1.0
        taskmanager.memory.framework.heap.size: 128mb
        taskmanager.memory.framework.off-heap.size: 128mb
        taskmanager.memory.jvm-metaspace.size: 256mb
        taskmanager.memory.jvm-overhead.min: 192mb
        taskmanager.memory.jvm-overhead.max: 192mb
        taskmanager.memory.task.heap.size: 320mb
        taskmanager.memory.task.off-heap.size: 64mb
        taskmanager.memory.managed.size: 128mb
        taskmanager.memory.network.min: 64mb
        taskmanager.memory.network.max: 64mb
        heartbeat.interval: 1000
        heartbeat.timeout: 8000
        state.backend.type: rocksdb
        metrics.reporters: prometheus
        metrics.reporter.prometheus.factory.class: org.apache.flink.metrics.prometheus.PrometheusReporterFactory
        execution.checkpointing.dir: %s
        """
        .formatted(rpcPort, restPort, home.resolve("checkpoints").toUri());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Starts a TaskManager, and returns once the JobManager knows it. */
  Process startTaskManager() throws IOException, InterruptedException {
    started++;
    Set<String> known = taskManagerIds();
    metricsPort = freePort();
    Process process =
        run(
            "taskmanager" + started,
            448,
            TASK_MANAGER,
            "--configDir",
            home.resolve("conf"),
            "-Dmetrics.reporter.prometheus.port=" + metricsPort);
    processes.add(process);
    await("the TaskManager is known", process, () -> !known.containsAll(taskManagerIds()));
    return process;
  }

  private Set<String> taskManagerIds() throws IOException, InterruptedException {
    return Set.copyOf(get("/taskmanagers").findValuesAsText("id"));
  }

  /** Submits a job by Flink's command line, and returns once all of it runs. */
  void submit(Path jar, String... arguments) throws IOException, InterruptedException {
    List<Object> all = new ArrayList<>(List.of("run", "--detached", jar));
    all.addAll(Arrays.asList(arguments));
    Process submission = run("submission", 256, COMMAND_LINE, all.toArray());
    processes.add(submission);
    if (submission.waitFor() != 0) {
      throw new AssertionError("The job was not submitted:\n" + logs());
    }
    await("the job runs", this::isRunning);
  }

  /** Whether every task of the only job runs. */
  boolean isRunning() throws IOException, InterruptedException {
    JsonNode jobs = get("/jobs/overview").path("jobs");
    JsonNode tasks = jobs.path(0).path("tasks");
    return jobs.size() == 1
        && tasks.path("total").asInt() > 0
        && tasks.path("running").asInt() == tasks.path("total").asInt();
  }

  /** How often the only job was restored from a checkpoint. */
  int restores() throws IOException, InterruptedException {
    String job = get("/jobs/overview").path("jobs").path(0).path("jid").asText();
    return get("/jobs/" + job + "/checkpoints").path("counts").path("restored").asInt();
  }

  /** What Prometheus would read now of the TaskManager that was started last. */
  List<String> metrics() throws IOException, InterruptedException {
    String all = new String(get(metricsPort, "/metrics"), StandardCharsets.UTF_8);
    return all.lines().filter(line -> !line.startsWith("#")).toList();
  }

  /** An answer of the JobManager; missing while there is none. */
  private JsonNode get(String path) throws IOException, InterruptedException {
    return JSON.readTree(get(restPort, path));
  }

  private byte[] get(int port, String path) throws IOException, InterruptedException {
    URI address = URI.create("http://localhost:" + port + path);
    HttpRequest request = HttpRequest.newBuilder(address).timeout(PATIENCE).build();
    return http.send(request, BodyHandlers.ofByteArray()).body();
  }

  void await(String what, Condition condition) throws InterruptedException {
    await(what, processes.get(0), condition);
  }

  /** Waits no longer than a process lives. */
  private void await(String what, Process alive, Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!holds(condition)) {
      if (System.nanoTime() > deadline || !alive.isAlive()) {
        throw new AssertionError("Not in %s: %s\n%s".formatted(PATIENCE, what, logs()));
      }
      Thread.sleep(100);
    }
  }

  /** While a JobManager starts, nobody answers. */
  private static boolean holds(Condition condition) throws InterruptedException {
    try {
      return condition.holds();
    } catch (IOException notYet) {
      return false;
    }
  }

  private Process run(String name, int heapMib, String main, Object... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx%dm".formatted(heapMib));
    command.add("-Dlog4j2.configurationFile=" + home.resolve("conf/log4j.properties"));
    for (String opened :
        List.of("lang", "net", "io", "nio", "text", "time", "util", "util.concurrent")) {
      // As Flink's own scripts do.
      command.add("--add-opens=java.base/java.%s=ALL-UNNAMED".formatted(opened));
    }
    command.add("-cp");
    command.add(flinkLibraries());
    command.add(main);
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("FLINK_CONF_DIR", home.resolve("conf").toString());
    return builder
        .redirectErrorStream(true)
        .redirectOutput(home.resolve(name + ".log").toFile())
        .start();
  }

  /** Of this test's libraries those that are in the directory lib of a Flink that was unpacked. */
  private static String flinkLibraries() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .filter(entry -> !OF_JOBS.matcher(Path.of(entry).getFileName().toString()).lookingAt())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private String logs() {
    StringBuilder all = new StringBuilder();
    try (var files = Files.newDirectoryStream(home, "*.log")) {
      for (Path file : files) {
        List<String> lines = Files.readAllLines(file);
        all.append("--- ").append(file.getFileName()).append('\n');
        for (String line : lines.subList(Math.max(0, lines.size() - 40), lines.size())) {
          all.append(line).append('\n');
        }
      }
    } catch (IOException e) {
      all.append(e);
    }
    return all.toString();
  }

  @Override
  public void close() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }
}
