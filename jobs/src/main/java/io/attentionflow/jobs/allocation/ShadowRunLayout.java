package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.shadow.ShadowRun;
import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import java.time.Duration;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/** How {@code allocate} keeps what is known of the runs of a shadow's tasks. */
public enum ShadowRunLayout implements Layout<ShadowRun> {
  INSTANCE;

  @Override
  public Class<ShadowRun> type() {
    return ShadowRun.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(ShadowRun run, DataOutputView out) throws IOException {
    Duration length = run.length();
    Outcome outcome = run.outcome();
    Fields.writeText(run.taskId(), out);
    Fields.writeOptionalInstant(run.startedAt(), out);
    Fields.writeOptionalText(outcome == null ? null : outcome.name(), out);
    if (length != null) {
      Fields.writeLong(length.toMillis(), out);
    }
  }

  @Override
  public ShadowRun read(int version, DataInputView in) throws IOException {
    String taskId = Fields.readText(in);
    var startedAt = Fields.readOptionalInstant(in);
    @Nullable String outcome = Fields.readOptionalText(in);
    return outcome == null
        ? new ShadowRun(taskId, startedAt, null, null)
        : new ShadowRun(
            taskId, startedAt, Duration.ofMillis(Fields.readLong(in)), Outcome.valueOf(outcome));
  }
}
