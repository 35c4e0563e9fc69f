package io.attentionflow.launcher.doctor;

import io.attentionflow.launcher.net.Ports;
import io.attentionflow.launcher.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Checks of this machine and this process. */
final class MachineChecks {

  private static final int OLDEST_JAVA = 17;

  /** The newest that Flink 2.2 is released for. */
  private static final int NEWEST_JAVA = 21;

  private static final long MIB = 1024L * 1024;

  /** A broker, a Flink cluster and a simulated world run in one heap. */
  private static final long ENOUGH_HEAP = 1024 * MIB;

  private static final long ENOUGH_DISK = 1024 * MIB;

  private MachineChecks() {}

  static List<Finding> all() {
    List<Finding> findings = new ArrayList<>();
    findings.add(java(Runtime.version().feature(), System.getProperty("java.version", "")));
    findings.add(heap(Runtime.getRuntime().maxMemory()));
    new TreeMap<>(java.util.Map.of(9092, "the broker", 8081, "Flink's page"))
        .forEach((port, use) -> findings.add(port(port, use, Ports.isFree(port))));
    findings.add(disk());
    return findings;
  }

  static Finding java(int feature, String version) {
    if (feature < OLDEST_JAVA) {
      return Finding.problem(
          "java", version, "Install a JDK %d, or set JAVA_HOME to one.".formatted(OLDEST_JAVA));
    }
    if (feature > NEWEST_JAVA) {
      return Finding.hint(
          "java",
          version,
          "Flink is released for Java %d to %d. If something is odd, try with one of these."
              .formatted(OLDEST_JAVA, NEWEST_JAVA));
    }
    return Finding.ok("java", version);
  }

  static Finding heap(long mostBytes) {
    String found = "%,d MiB".formatted(mostBytes / MIB);
    return mostBytes < ENOUGH_HEAP
        ? Finding.hint(
            "heap",
            found,
            "Little for 'local', which runs a broker and Flink in it. Set ATTENTION_FLOW_HEAP=2g.")
        : Finding.ok("heap", found);
  }

  static Finding port(int port, String use, boolean free) {
    String check = "port " + port;
    return free
        ? Finding.ok(check, "free")
        : Finding.hint(
            check, "taken", "'local' will take another port for %s, and say which.".formatted(use));
  }

  private static Finding disk() {
    Path directory = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    try (ScratchDirectory scratch = ScratchDirectory.create("attention-flow-doctor-")) {
      return disk(directory, Files.getFileStore(scratch.path()).getUsableSpace());
    } catch (IOException e) {
      return Finding.problem(
          "temporary files",
          "cannot write to " + directory,
          "Make it writable, or name another in the environment:"
              + " ATTENTION_FLOW_JAVA_OPTS=-Djava.io.tmpdir=DIRECTORY.");
    }
  }

  static Finding disk(Path directory, long freeBytes) {
    String found = "%,d MiB free in %s".formatted(freeBytes / MIB, directory);
    return freeBytes < ENOUGH_DISK
        ? Finding.hint(
            "temporary files",
            found,
            "'local' keeps its topics and checkpoints there. Make room, or name another in the"
                + " environment: ATTENTION_FLOW_JAVA_OPTS=-Djava.io.tmpdir=DIRECTORY.")
        : Finding.ok("temporary files", found);
  }
}
