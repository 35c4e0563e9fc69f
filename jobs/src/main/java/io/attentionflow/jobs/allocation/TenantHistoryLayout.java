package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.learning.features.TenantHistory;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code profile} keeps a tenant's history; it has a layout of its own, with a version. */
public enum TenantHistoryLayout implements Layout<TenantHistory> {
  INSTANCE;

  @Override
  public Class<TenantHistory> type() {
    return TenantHistory.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(TenantHistory history, DataOutputView out) throws IOException {
    history.writeTo(out);
  }

  @Override
  public TenantHistory read(int version, DataInputView in) throws IOException {
    return TenantHistory.readFrom(in);
  }

  /** It learns in place, so a snapshot under way needs one of its own. */
  @Override
  public boolean immutable() {
    return false;
  }

  @Override
  public TenantHistory copy(TenantHistory history) {
    return history.copy();
  }
}
