package io.attentionflow.allocation.backfill;

import java.util.Arrays;

/**
 * Entries in the order of a key, then of an id, with something worked out for every subtree.
 *
 * <p>A treap (Aragon and Seidel, "Randomized Search Trees", FOCS 1989) over arrays, whose random
 * priorities are hashes of the ids. Adding and removing take O(log n) time; the shape depends on
 * what is in it and not on how it came there. Not thread-safe.
 */
abstract class Treap {

  /** No entry. */
  static final int NONE = -1;

  private static final int FIRST_CAPACITY = 16;

  private long[] keys = new long[FIRST_CAPACITY];
  private long[] ids = new long[FIRST_CAPACITY];
  private int[] lefts = new int[FIRST_CAPACITY];
  private int[] rights = new int[FIRST_CAPACITY];
  private int root = NONE;
  private int size;

  /** Entries up to here have been in use; those that are free now are linked through lefts. */
  private int used;

  private int free = NONE;

  /** Works out what is known of a subtree, from the entry itself and from its children. */
  abstract void combine(int entry);

  /** Makes room for so many entries. */
  abstract void resize(int capacity);

  final int capacity() {
    return keys.length;
  }

  final int size() {
    return size;
  }

  final int root() {
    return root;
  }

  final int left(int entry) {
    return lefts[entry];
  }

  final int right(int entry) {
    return rights[entry];
  }

  final long key(int entry) {
    return keys[entry];
  }

  final long id(int entry) {
    return ids[entry];
  }

  /** Whether an entry comes before a place in the order. */
  final boolean isBefore(int entry, long key, long id) {
    return keys[entry] < key || (keys[entry] == key && ids[entry] < id);
  }

  /** The first entry, or {@link #NONE}. */
  final int first() {
    int entry = root;
    while (entry != NONE && lefts[entry] != NONE) {
      entry = lefts[entry];
    }
    return entry;
  }

  /** The first entry after a place in the order, or {@link #NONE}. */
  final int after(long key, long id) {
    int found = NONE;
    int entry = root;
    while (entry != NONE) {
      if (isBefore(entry, key, id) || (keys[entry] == key && ids[entry] == id)) {
        entry = rights[entry];
      } else {
        found = entry;
        entry = lefts[entry];
      }
    }
    return found;
  }

  /** Takes an unused entry; what is known of it is to be set before it is {@link #link}ed. */
  final int claim(long key, long id) {
    int entry = free;
    if (entry != NONE) {
      free = lefts[entry];
    } else {
      if (used == keys.length) {
        int capacity = used * 2;
        keys = Arrays.copyOf(keys, capacity);
        ids = Arrays.copyOf(ids, capacity);
        lefts = Arrays.copyOf(lefts, capacity);
        rights = Arrays.copyOf(rights, capacity);
        resize(capacity);
      }
      entry = used++;
    }
    keys[entry] = key;
    ids[entry] = id;
    lefts[entry] = NONE;
    rights[entry] = NONE;
    return entry;
  }

  final void link(int entry) {
    combine(entry);
    root = insert(root, entry);
    size++;
  }

  /** Takes an entry out; its number will be used again. */
  final void remove(int entry) {
    root = erase(root, entry);
    size--;
    lefts[entry] = free;
    free = entry;
  }

  private int insert(int tree, int entry) {
    if (tree == NONE) {
      return entry;
    }
    if (priority(entry) > priority(tree)) {
      split(tree, entry);
      combine(entry);
      return entry;
    }
    if (isBefore(tree, keys[entry], ids[entry])) {
      rights[tree] = insert(rights[tree], entry);
    } else {
      lefts[tree] = insert(lefts[tree], entry);
    }
    combine(tree);
    return tree;
  }

  /** Splits a tree at an entry: what comes before becomes its left subtree, the rest its right. */
  private void split(int tree, int entry) {
    lefts[entry] = before(tree, keys[entry], ids[entry]);
    rights[entry] = rest;
  }

  /** The second result of {@link #before}. */
  private int rest = NONE;

  private int before(int tree, long key, long id) {
    if (tree == NONE) {
      rest = NONE;
      return NONE;
    }
    if (isBefore(tree, key, id)) {
      rights[tree] = before(rights[tree], key, id);
      combine(tree);
      return tree;
    }
    int before = before(lefts[tree], key, id);
    lefts[tree] = rest;
    combine(tree);
    rest = tree;
    return before;
  }

  private int erase(int tree, int entry) {
    if (tree == NONE) {
      throw new IllegalStateException(
          "No entry with key %d and id %d".formatted(keys[entry], ids[entry]));
    }
    if (tree == entry) {
      return merge(lefts[tree], rights[tree]);
    }
    if (isBefore(tree, keys[entry], ids[entry])) {
      rights[tree] = erase(rights[tree], entry);
    } else {
      lefts[tree] = erase(lefts[tree], entry);
    }
    combine(tree);
    return tree;
  }

  private int merge(int before, int after) {
    if (before == NONE) {
      return after;
    }
    if (after == NONE) {
      return before;
    }
    if (priority(before) > priority(after)) {
      rights[before] = merge(rights[before], after);
      combine(before);
      return before;
    }
    lefts[after] = merge(before, lefts[after]);
    combine(after);
    return after;
  }

  /** The finalizer of SplitMix64: two ids never have the same priority. */
  private long priority(int entry) {
    long z = ids[entry] + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
