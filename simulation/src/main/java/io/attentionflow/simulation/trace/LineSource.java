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
import java.util.zip.ZipInputStream;

/** Opens text files, packed by gzip or zip or not: told by their first bytes, not by their name. */
final class LineSource {

  private LineSource() {}

  static BufferedReader open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    in.mark(2);
    int first = in.read();
    int second = in.read();
    in.reset();
    // Malformed bytes become replacement characters and spoil their own line only.
    return new BufferedReader(
        new InputStreamReader(unpacked(in, first, second), StandardCharsets.UTF_8));
  }

  private static InputStream unpacked(InputStream in, int first, int second) throws IOException {
    if (first == 0x1f && second == 0x8b) {
      return new GZIPInputStream(in, 1 << 16);
    }
    if (first == 'P' && second == 'K') {
      ZipInputStream zip = new ZipInputStream(in);
      if (zip.getNextEntry() == null) {
        throw new TraceFormatException("the zip archive is empty");
      }
      return zip;
    }
    return in;
  }

  /** The file's name, for messages. */
  static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
