package io.attentionflow.launcher.flink;

import io.attentionflow.launcher.net.Ports;
import io.attentionflow.launcher.scratch.ScratchDirectory;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointStatsCounts;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A real Flink cluster in this process: a JobManager with its web page, and TaskManagers, in a
 * directory of its own that is gone when it is closed.
 *
 * <p>Checkpoints go to files, so that state may be larger than what the JobManager would hold.
 */
public final class FlinkInProcess implements AutoCloseable {

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final ScratchDirectory directory;
  private final MiniCluster cluster;
  private final URI webAddress;
  private boolean closed;

  private FlinkInProcess(ScratchDirectory directory, MiniCluster cluster, URI webAddress) {
    this.directory = directory;
    this.cluster = cluster;
    this.webAddress = webAddress;
  }

  /**
   * Starts a cluster on a free port, and returns when it takes jobs.
   *
   * @param taskManagers how many, at least 1
   * @param slots of each; a job takes as many in all as it is parallel
   * @throws Exception if Flink fails to start, for a reason of its own
   */
  public static FlinkInProcess start(int taskManagers, int slots) throws Exception {
    return start(taskManagers, slots, Ports.free());
  }

  /**
   * Starts a cluster, and returns when it takes jobs.
   *
   * @param taskManagers how many, at least 1
   * @param slots of each; a job takes as many in all as it is parallel
   * @param webPort where its web page and REST interface are
   * @throws Exception if Flink fails to start, for a reason of its own
   */
  public static FlinkInProcess start(int taskManagers, int slots, int webPort) throws Exception {
    ScratchDirectory directory = ScratchDirectory.create("attention-flow-flink-");
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration(directory, webPort))
                .setNumTaskManagers(taskManagers)
                .setNumSlotsPerTaskManager(slots)
                .setRpcServiceSharing(RpcServiceSharing.SHARED)
                .build());
    boolean started = false;
    try {
      cluster.start();
      URI webAddress = cluster.getRestAddress().get(30, TimeUnit.SECONDS);
      started = true;
      return new FlinkInProcess(directory, cluster, webAddress);
    } finally {
      if (!started) {
        cluster.close();
        directory.close();
      }
    }
  }

  /** Where a browser finds the cluster's page. */
  public URI webAddress() {
    return webAddress;
  }

  /** An environment to build one job for this cluster in. */
  public StreamExecutionEnvironment environment() {
    return new StreamExecutionEnvironment(new Configuration());
  }

  /** Runs what was built in the environment; returns as soon as the cluster has taken it. */
  public JobID submit(StreamExecutionEnvironment environment, String name)
      throws InterruptedException, ExecutionException {
    return submit(environment, name, SavepointRestoreSettings.none());
  }

  /**
   * The same, but the job goes on from a savepoint, whatever parallelism it was taken at.
   *
   * @param savepoint what {@link #stopWithSavepoint} returned
   */
  public JobID submit(StreamExecutionEnvironment environment, String name, String savepoint)
      throws InterruptedException, ExecutionException {
    return submit(environment, name, SavepointRestoreSettings.forPath(savepoint));
  }

  private JobID submit(
      StreamExecutionEnvironment environment, String name, SavepointRestoreSettings restore)
      throws InterruptedException, ExecutionException {
    var graph = environment.getStreamGraph();
    graph.setJobName(name);
    var job = graph.getJobGraph();
    job.setSavepointRestoreSettings(restore);
    return cluster.submitJob(job).get().getJobID();
  }

  /** Where a job stands now. */
  public JobStatus status(JobID job) throws InterruptedException, ExecutionException {
    return cluster.getJobStatus(job).get();
  }

  /** Whether every task of a job runs now; a job can be running while its tasks still start. */
  public boolean isRunning(JobID job) throws InterruptedException, ExecutionException {
    if (status(job) != JobStatus.RUNNING) {
      return false;
    }
    for (var vertex : cluster.getExecutionGraph(job).get().getAllExecutionVertices()) {
      if (vertex.getExecutionState() != org.apache.flink.runtime.execution.ExecutionState.RUNNING) {
        return false;
      }
    }
    return true;
  }

  /** Why a job failed, or why it last restarted; empty if it never did. */
  public String failure(JobID job) throws InterruptedException, ExecutionException {
    var cause = cluster.getExecutionGraph(job).get().getFailureInfo();
    return cause == null ? "" : cause.getExceptionAsString();
  }

  /** How many checkpoints a job has completed since it was submitted. */
  public long completedCheckpoints(JobID job) throws InterruptedException, ExecutionException {
    return checkpoints(job).getNumberOfCompletedCheckpoints();
  }

  /**
   * How often a job went on from a checkpoint or savepoint: after each failure, and once if it was
   * submitted with a savepoint.
   */
  public long restores(JobID job) throws InterruptedException, ExecutionException {
    return checkpoints(job).getNumberOfRestoredCheckpoints();
  }

  private CheckpointStatsCounts checkpoints(JobID job)
      throws InterruptedException, ExecutionException {
    var statistics = cluster.getExecutionGraph(job).get().getCheckpointStatsSnapshot();
    if (statistics == null) {
      throw new IllegalStateException("job %s takes no checkpoints".formatted(job));
    }
    return statistics.getCounts();
  }

  /**
   * Takes a checkpoint now, and returns when it is complete.
   *
   * @throws ExecutionException if there is none, such as while not {@linkplain #isRunning every
   *     task runs}
   */
  public void checkpoint(JobID job) throws InterruptedException, ExecutionException {
    cluster.triggerCheckpoint(job).get();
  }

  /**
   * Lets a job commit what it has done, and ends it.
   *
   * @return where its state is, for {@link #submit(StreamExecutionEnvironment, String, String)}
   */
  public String stopWithSavepoint(JobID job) throws InterruptedException, ExecutionException {
    String directory = this.directory.path().resolve("savepoints").toUri().toString();
    CompletableFuture<?> ended = cluster.requestJobResult(job);
    String savepoint =
        cluster.stopWithSavepoint(job, directory, false, SavepointFormatType.CANONICAL).get();
    ended.get();
    return savepoint;
  }

  /** Ends a job at once; what it had not committed is not. */
  public void cancel(JobID job) throws InterruptedException, ExecutionException {
    CompletableFuture<?> ended = cluster.requestJobResult(job);
    cluster.cancelJob(job).get();
    ended.get();
  }

  /** Kills a TaskManager, and starts another in its place. */
  public void replaceTaskManager(int index) throws Exception {
    cluster.terminateTaskManager(index).get();
    cluster.startTaskManager();
  }

  /** Stops the cluster with all its jobs, and removes what it kept. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      cluster.closeAsync().get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // The process is on its way out, or the test over: its threads are daemons.
    } finally {
      directory.close();
    }
  }

  private static Configuration configuration(ScratchDirectory directory, int webPort) {
    Configuration configuration = new Configuration();
    configuration.set(RestOptions.ADDRESS, "localhost");
    configuration.set(RestOptions.BIND_ADDRESS, "localhost");
    configuration.set(RestOptions.PORT, webPort);
    configuration.set(RestOptions.BIND_PORT, Integer.toString(webPort));
    configuration.set(JobManagerOptions.ADDRESS, "localhost");
    configuration.set(CoreOptions.TMP_DIRS, directory.path().toString());
    // Else the directory that jars would be uploaded to stays behind.
    configuration.set(WebOptions.TMP_DIR, directory.path().toString());
    configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
    configuration.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        directory.path().resolve("checkpoints").toUri().toString());
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
    // Only RocksDB would use it, which does not run here.
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
    return configuration;
  }
}
