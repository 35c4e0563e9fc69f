package io.attentionflow.launcher;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A file to read, or a pipe: to name one that is not there is bad usage, in every command, and is
 * found before anything starts. What is in it is another matter.
 */
public final class ExistingFile implements ITypeConverter<Path> {

  @Override
  public Path convert(String name) {
    Path file = path(name);
    if (!Files.exists(file)) {
      throw new TypeConversionException("there is no file '%s'".formatted(name));
    }
    if (Files.isDirectory(file)) {
      throw new TypeConversionException("'%s' is a directory, and no file".formatted(name));
    }
    if (!Files.isReadable(file)) {
      throw new TypeConversionException("there is no permission to read '%s'".formatted(name));
    }
    return file;
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "'%s' is not the name of a file: %s".formatted(name, e.getReason()));
    }
  }
}
