package io.attentionflow.simulation.trace;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Opens text files, packed by gzip or not: told by their first two bytes, not by their name. */
final class LineSource {

  private LineSource() {}

  static BufferedReader open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    in.mark(2);
    boolean packed = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    // Malformed bytes become replacement characters and spoil their own line only.
    return new BufferedReader(
        new InputStreamReader(
            packed ? new GZIPInputStream(in, 1 << 16) : in, StandardCharsets.UTF_8));
  }

  /** The file's name, for messages. */
  static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
