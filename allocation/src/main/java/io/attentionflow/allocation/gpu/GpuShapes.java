package io.attentionflow.allocation.gpu;

import static io.attentionflow.allocation.gpu.GpuRequest.WHOLE;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Small numbers for what kinds of requests ask of GPUs, as long as there is a kind that asks for
 * it: then the number is given to another shape. So there are no more numbers than kinds.
 */
final class GpuShapes {

  private final Map<Integer, Shape> byAmount = new HashMap<>();
  private final ArrayDeque<Integer> unused = new ArrayDeque<>();

  /** So many GPUs of so much each. */
  static final class Shape {
    final int gpuCount;
    final int gpuMillis;

    /** No other shape has it now; one before it may have had it. */
    final int number;

    private int kinds;

    private Shape(int gpuCount, int gpuMillis, int number) {
      this.gpuCount = gpuCount;
      this.gpuMillis = gpuMillis;
      this.number = number;
    }
  }

  /** One more kind of request asks for this. */
  Shape enter(int gpuCount, int gpuMillis) {
    Shape shape =
        byAmount.computeIfAbsent(
            amount(gpuCount, gpuMillis), amount -> new Shape(gpuCount, gpuMillis, number()));
    shape.kinds++;
    return shape;
  }

  private int number() {
    Integer number = unused.poll();
    return number == null ? byAmount.size() : number;
  }

  private static int amount(int gpuCount, int gpuMillis) {
    return gpuCount * (WHOLE + 1) + gpuMillis;
  }

  /** A kind of request that asks for this is forgotten. */
  void leave(Shape shape) {
    shape.kinds--;
    if (shape.kinds == 0) {
      byAmount.remove(amount(shape.gpuCount, shape.gpuMillis));
      unused.add(shape.number);
    }
  }
}
