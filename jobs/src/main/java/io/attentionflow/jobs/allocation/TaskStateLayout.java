package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.Reason;
import io.attentionflow.allocation.Sizing;
import io.attentionflow.allocation.TaskMoves;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.allocation.TaskSize;
import io.attentionflow.allocation.TaskState;
import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code allocate} keeps a task. */
public enum TaskStateLayout implements Layout<TaskState> {
  INSTANCE;

  @Override
  public Class<TaskState> type() {
    return TaskState.class;
  }

  @Override
  public int version() {
    return 5;
  }

  @Override
  public void write(TaskState task, DataOutputView out) throws IOException {
    EngineFields.writeTask(task.task(), out);
    EngineFields.writePrediction(task.prediction(), out);
    Fields.writeLong(task.sequence(), out);
    Fields.writeName(task.phase(), out);
    Fields.writeInt(task.generation(), out);
    Fields.writeInt(task.shards().size(), out);
    for (TaskState.ShardState shard : task.shards()) {
      EngineFields.writePlacement(shard.placement(), out);
      Fields.writeOptionalInstant(shard.startedAt(), out);
      out.writeBoolean(shard.ended());
    }
    Fields.writeInstant(task.since(), out);
    Fields.writeName(task.reason(), out);
    Fields.writeInt(task.moves().preemptions(), out);
    Fields.writeInt(task.moves().moves(), out);
    Fields.writeOptionalInstant(task.moves().movedAt(), out);
    Fields.writeTexts(task.moves().left(), out);
    TaskSize size = task.size();
    EngineFields.writeResources(size.given(), out);
    Fields.writeName(size.sizing(), out);
    EngineFields.writeOptionalResources(size.rightSized(), out);
    Fields.writeInt(size.outOfMemories(), out);
    Fields.writeLong(size.leastMemoryMib(), out);
    Fields.writeInt(size.cutOutOfMemories(), out);
  }

  @Override
  public TaskState read(int version, DataInputView in) throws IOException {
    TaskRequest request = EngineFields.readTask(in);
    return new TaskState(
        request,
        EngineFields.readPrediction(in),
        Fields.readLong(in),
        Fields.readName(TaskState.Phase.class, in),
        Fields.readInt(in),
        readShards(in),
        Fields.readInstant(in),
        Fields.readName(Reason.class, in),
        version < 2 ? TaskMoves.NONE : readMoves(in),
        version < 3 ? TaskSize.of(request.request()) : readSize(version, in));
  }

  private static TaskMoves readMoves(DataInputView in) throws IOException {
    return new TaskMoves(
        Fields.readInt(in),
        Fields.readInt(in),
        Fields.readOptionalInstant(in),
        Fields.readTexts(in));
  }

  private static TaskSize readSize(int version, DataInputView in) throws IOException {
    return new TaskSize(
        EngineFields.readResources(in),
        Fields.readName(Sizing.class, in),
        EngineFields.readOptionalResources(in),
        Fields.readInt(in),
        Fields.readLong(in),
        version < 4 ? 0 : Fields.readInt(in));
  }

  private static List<TaskState.ShardState> readShards(DataInputView in) throws IOException {
    int size = Fields.readInt(in);
    List<TaskState.ShardState> shards = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      shards.add(
          new TaskState.ShardState(
              EngineFields.readPlacement(in), Fields.readOptionalInstant(in), in.readBoolean()));
    }
    return shards;
  }
}
