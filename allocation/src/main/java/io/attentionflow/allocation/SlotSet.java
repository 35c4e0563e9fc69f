package io.attentionflow.allocation;

/** Slots of a {@link NodeGroup} that something is still to be done about, each once. */
final class SlotSet {

  private int[] slots = {};
  private boolean[] isIn = {};
  private int size;

  /** Makes it empty, for so many slots. */
  void clear(int capacity) {
    slots = new int[capacity];
    isIn = new boolean[capacity];
    size = 0;
  }

  void add(int slot) {
    if (!isIn[slot]) {
      isIn[slot] = true;
      slots[size++] = slot;
    }
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Takes any out; there must be one. */
  int take() {
    int slot = slots[--size];
    isIn[slot] = false;
    return slot;
  }
}
