package io.attentionflow.jobs.layout;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * Lets Flink write and read by a {@link Layout}. A savepoint remembers the layout's name and
 * version; what an older version wrote is read by it and written anew.
 *
 * <p>A value goes to a stream, as that of a checkpoint is, in one piece: byte by byte is several
 * times as slow. Not thread-safe, as Flink has it: one for each thread.
 */
public final class LayoutSerializer<T> extends TypeSerializer<T> {

  private static final long serialVersionUID = 1;

  private static final int SMALLEST = 512;

  /** A value larger than that is rare, and its memory is not held on to. */
  private static final int LARGEST_KEPT = 1 << 20;

  private final Layout<T> layout;
  private final int readVersion;
  private transient @Nullable DataOutputSerializer piece;

  public LayoutSerializer(Layout<T> layout) {
    this(layout, layout.version());
  }

  private LayoutSerializer(Layout<T> layout, int readVersion) {
    this.layout = layout;
    this.readVersion = readVersion;
  }

  @Override
  public void serialize(T value, DataOutputView out) throws IOException {
    if (out instanceof DataOutputSerializer) {
      layout.write(value, out);
      return;
    }
    if (piece == null || piece.length() > LARGEST_KEPT) {
      piece = new DataOutputSerializer(SMALLEST);
    }
    piece.clear();
    layout.write(value, piece);
    out.write(piece.getSharedBuffer(), 0, piece.length());
  }

  @Override
  public T deserialize(DataInputView in) throws IOException {
    return layout.read(readVersion, in);
  }

  @Override
  public T deserialize(T reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public boolean isImmutableType() {
    return layout.immutable();
  }

  @Override
  public TypeSerializer<T> duplicate() {
    return new LayoutSerializer<>(layout, readVersion);
  }

  /** None: a layout has no empty value, and Flink asks for one only to fill it in. */
  @Override
  @SuppressWarnings("NullAway") // Flink takes null for "has none", as of its own record serializers
  public T createInstance() {
    return null;
  }

  @Override
  public T copy(T from) {
    return layout.copy(from);
  }

  @Override
  public T copy(T from, T reuse) {
    return layout.copy(from);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    serialize(deserialize(source), target);
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LayoutSerializer<?> that
        && layout.equals(that.layout)
        && readVersion == that.readVersion;
  }

  @Override
  public int hashCode() {
    return layout.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<T> snapshotConfiguration() {
    return new Snapshot<>(layout, layout.version());
  }

  /** What a savepoint remembers: which layout, in which version. */
  public static final class Snapshot<T> implements TypeSerializerSnapshot<T> {

    private @Nullable Layout<T> layout;
    private int version;

    /** For Flink, which then calls {@link #readSnapshot}. */
    public Snapshot() {}

    private Snapshot(Layout<T> layout, int version) {
      this.layout = layout;
      this.version = version;
    }

    @Override
    public int getCurrentVersion() {
      return 1;
    }

    @Override
    public void writeSnapshot(DataOutputView out) throws IOException {
      out.writeUTF(layout().getClass().getName());
      out.writeInt(version);
    }

    @Override
    public void readSnapshot(int readVersion, DataInputView in, ClassLoader classLoader)
        throws IOException {
      String name = in.readUTF();
      version = in.readInt();
      layout = find(name, classLoader);
    }

    @SuppressWarnings("unchecked") // the name was written of a Layout<T>
    private static <T> Layout<T> find(String name, ClassLoader classLoader) throws IOException {
      try {
        Object[] constants = Class.forName(name, true, classLoader).getEnumConstants();
        if (constants == null || constants.length != 1) {
          throw new IOException(name + " is not an enum of one layout");
        }
        return (Layout<T>) constants[0];
      } catch (ClassNotFoundException e) {
        throw new IOException("State was written by a layout that is no more: " + name, e);
      }
    }

    @Override
    public TypeSerializer<T> restoreSerializer() {
      return new LayoutSerializer<>(layout(), version);
    }

    @Override
    public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
        TypeSerializerSnapshot<T> older) {
      if (!(older instanceof Snapshot<T> that) || !layout().equals(that.layout())) {
        return TypeSerializerSchemaCompatibility.incompatible();
      }
      if (that.version > version) {
        return TypeSerializerSchemaCompatibility.incompatible();
      }
      return that.version == version
          ? TypeSerializerSchemaCompatibility.compatibleAsIs()
          : TypeSerializerSchemaCompatibility.compatibleAfterMigration();
    }

    private Layout<T> layout() {
      if (layout == null) {
        throw new IllegalStateException("Neither made of a layout nor read");
      }
      return layout;
    }
  }
}
