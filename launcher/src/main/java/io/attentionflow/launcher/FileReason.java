package io.attentionflow.launcher;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Why a file cannot be read or written; the JDK leaves that to the class of the exception. */
public final class FileReason {

  private FileReason() {}

  /** Why something cannot be read. */
  public static String of(Exception e) {
    if (e instanceof NoSuchFileException missing) {
      return "there is no %s".formatted(missing.getFile());
    }
    if (e instanceof AccessDeniedException denied) {
      return "no permission for %s".formatted(denied.getFile());
    }
    if (e instanceof EOFException) {
      return "it ends too early";
    }
    return String.valueOf(e.getMessage());
  }

  /** Why a file that may be new cannot be written: if something is missing, its directory is. */
  public static String ofWriting(Path file, Exception e) {
    String obstacle = e instanceof IOException ? obstacle(file) : null;
    return obstacle == null ? of(e) : obstacle;
  }

  /** What is in the way of writing a file; null: nothing that can be seen without trying. */
  public static @Nullable String obstacle(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      return "it is a directory";
    }
    if (directory != null && !Files.isDirectory(directory)) {
      return "there is no directory %s".formatted(directory);
    }
    if (Files.exists(file) && !Files.isWritable(file)) {
      return "no permission for %s".formatted(file);
    }
    return null;
  }
}
