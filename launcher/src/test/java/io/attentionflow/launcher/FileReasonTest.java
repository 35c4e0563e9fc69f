package io.attentionflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReasonTest {

  @Test
  void saysWhatTheExceptionOnlyMeans() {
    assertThat(FileReason.of(new NoSuchFileException("a"))).isEqualTo("there is no a");
    assertThat(FileReason.of(new AccessDeniedException("a"))).isEqualTo("no permission for a");
    assertThat(FileReason.of(new EOFException())).isEqualTo("it ends too early");
    assertThat(FileReason.of(new UncheckedIOException("why", new EOFException()))).isEqualTo("why");
  }

  @Test
  void namesTheDirectoryThatIsMissingAndNotTheFileThatIsToBe(@TempDir Path directory) {
    Path nowhere = directory.resolve("none");
    Path file = nowhere.resolve("new");

    assertThat(FileReason.ofWriting(file, new NoSuchFileException(file.toString())))
        .isEqualTo("there is no directory " + nowhere);
    assertThat(FileReason.obstacle(directory)).isEqualTo("it is a directory");
    assertThat(FileReason.obstacle(directory.resolve("new"))).isNull();
  }
}
