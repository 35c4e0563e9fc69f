package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.CRC32;

/**
 * The envelope of every learner's snapshot: whose it is, what it fits, and a checksum.
 *
 * <pre>
 * magic int | learner UTF | layout byte | schema UTF | classes int | body | CRC-32 of all before
 * </pre>
 */
final class Snapshot {

  private static final int MAGIC = 0x41464C31; // "AFL1"
  private static final int CHECKSUM_BYTES = 4;

  private final String learner;
  private final int layout;
  private final FeatureSchema schema;

  /**
   * @param learner name of the learner
   * @param layout version of the body
   * @param schema what it learns from
   */
  Snapshot(String learner, int layout, FeatureSchema schema) {
    this.learner = learner;
    this.layout = layout;
    this.schema = schema;
  }

  interface Writer {
    void writeTo(DataOutput out) throws IOException;
  }

  interface Reader {
    void readFrom(DataInputStream in) throws IOException;
  }

  byte[] write(Writer body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeUTF(learner);
      out.writeByte(layout);
      out.writeUTF(schema.id());
      out.writeInt(schema.classes());
      body.writeTo(out);
      CRC32 checksum = new CRC32();
      checksum.update(bytes.toByteArray());
      out.writeInt((int) checksum.getValue());
    } catch (IOException impossible) {
      throw new UncheckedIOException("Writing to memory failed", impossible);
    }
    return bytes.toByteArray();
  }

  /**
   * Checks the envelope and has the body read.
   *
   * @throws IllegalArgumentException if it is of something else, or damaged
   */
  void read(byte[] snapshot, Reader body) {
    int length = snapshot.length - CHECKSUM_BYTES;
    if (length < CHECKSUM_BYTES) {
      throw new IllegalArgumentException(
          "A snapshot of %s has more than %d bytes".formatted(learner, snapshot.length));
    }
    CRC32 checksum = new CRC32();
    checksum.update(snapshot, 0, length);
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(snapshot))) {
      expect("magic number", MAGIC, in.readInt());
      DataInputStream end =
          new DataInputStream(new ByteArrayInputStream(snapshot, length, CHECKSUM_BYTES));
      expect("checksum", end.readInt(), (int) checksum.getValue());
      expect("learner", learner, in.readUTF());
      expect("layout", layout, in.readUnsignedByte());
      expect("feature schema", schema.id(), in.readUTF());
      expect("number of classes", schema.classes(), in.readInt());
      body.readFrom(in);
      expect("rest", CHECKSUM_BYTES, in.available());
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "The snapshot of %s is damaged: %s".formatted(learner, e.getMessage()), e);
    }
  }

  /**
   * A snapshot within a body: its length, then itself.
   *
   * @throws IOException if it would be longer than what is left
   */
  static byte[] nested(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("%d bytes of %d".formatted(length, in.available()));
    }
    byte[] snapshot = new byte[length];
    in.readFully(snapshot);
    return snapshot;
  }

  private void expect(String what, Object expected, Object found) {
    if (!expected.equals(found)) {
      throw new IllegalArgumentException(
          "Not a snapshot that %s can restore: %s is %s, should be %s"
              .formatted(learner, what, found, expected));
    }
  }
}
