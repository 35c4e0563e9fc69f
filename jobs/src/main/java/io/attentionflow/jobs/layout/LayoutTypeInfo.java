package io.attentionflow.jobs.layout;

import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The type of a stream or state that is laid out by a {@link Layout}. Not a key. A sealed family
 * may have one, for it is written by its own layout and never by Kryo.
 */
public final class LayoutTypeInfo<T> extends TypeInformation<T> {

  private static final long serialVersionUID = 1;

  private final Layout<T> layout;

  public LayoutTypeInfo(Layout<T> layout) {
    this.layout = layout;
  }

  @Override
  public boolean isBasicType() {
    return false;
  }

  @Override
  public boolean isTupleType() {
    return false;
  }

  @Override
  public int getArity() {
    return 1;
  }

  @Override
  public int getTotalFields() {
    return 1;
  }

  @Override
  public Class<T> getTypeClass() {
    return layout.type();
  }

  @Override
  public boolean isKeyType() {
    return false;
  }

  @Override
  public TypeSerializer<T> createSerializer(SerializerConfig config) {
    return new LayoutSerializer<>(layout);
  }

  @Override
  public String toString() {
    return layout.type().getSimpleName();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LayoutTypeInfo<?> that && layout.equals(that.layout);
  }

  @Override
  public int hashCode() {
    return layout.hashCode();
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof LayoutTypeInfo;
  }
}
