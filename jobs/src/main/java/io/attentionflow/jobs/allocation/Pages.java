package io.attentionflow.jobs.allocation;

import com.carrotsearch.hppc.IntIntHashMap;
import io.attentionflow.jobs.layout.BytesLayout;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.Packing;
import io.attentionflow.jobs.layout.Page;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.jspecify.annotations.Nullable;

/**
 * A map from texts to bytes in Flink's state, several entries to a value of it: see {@link Page}.
 * For one key of Flink, which has to be the current one whenever it is used.
 *
 * <p>To Flink an entry costs as much as some hundred bytes: on the heap each is three objects, is
 * copied when one of its key is touched while a checkpoint is written, and is written by itself.
 * Here it pays for a part of a page.
 *
 * <p>What is new is put into pages of its own, in the order in which it comes; so what is written
 * together lies together, and a page is written again only for what changes in it. On which page
 * the keys of a hash are is kept in memory, with any state backend, in some sixteen bytes for each;
 * when it is first asked for, all pages are gone through. Keys that have the same hash are on the
 * same page.
 */
final class Pages {

  /** Entries that a page is filled with. */
  private static final int FULL = 16;

  /** Of a page that is changed and has no more entries left than that, they are put elsewhere. */
  private static final int SPARSE = 3;

  private static final int NO_PAGE = -1;

  /** As a value: it is removed. */
  static final byte[] NOTHING = {};

  private final MapState<Integer, byte[]> state;
  private @Nullable IntIntHashMap pageByHash;
  private int next;

  /** The page that was filled last, or one that has room. */
  private int latest = NO_PAGE;

  Pages(MapState<Integer, byte[]> state) {
    this.state = state;
  }

  /** What the state is asked for by. */
  static MapStateDescriptor<Integer, byte[]> descriptor(String name) {
    return new MapStateDescriptor<>(name, Types.INT, new LayoutTypeInfo<>(BytesLayout.INSTANCE));
  }

  /** What is to be made of a value. */
  @FunctionalInterface
  interface Reader<T> {
    @Nullable T read(byte[] page, int at, int length);
  }

  /** What is to be known of an entry. */
  @FunctionalInterface
  interface Test {
    boolean holds(byte[] page, int entry);
  }

  /** What is made of the value of a key; null if there is none. */
  <T> @Nullable T get(String text, Reader<T> reader) {
    Page.Key key = Page.Key.of(text);
    int number = index().getOrDefault(key.hash(), NO_PAGE);
    if (number == NO_PAGE) {
      return null;
    }
    byte[] page = page(number);
    int entry = Page.find(page, key);
    if (entry == Page.NONE) {
      return null;
    }
    int at = Page.valueOf(page, entry);
    return reader.read(page, at, Page.end(page, entry) - at);
  }

  /** All values. */
  <T> List<T> values(Packing<T> packing) {
    List<T> values = new ArrayList<>(index().size());
    for (byte[] page : KeptState.values(state)) {
      for (int entry = 0; entry < Page.count(page); entry++) {
        int at = Page.valueOf(page, entry);
        values.add(packing.unpack(page, at, Page.end(page, entry) - at));
      }
    }
    return values;
  }

  /**
   * What becomes of an entry.
   *
   * @param value {@link #NOTHING}: it is removed
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole, and never changed
  record Change(Page.Key key, byte[] value) {

    static Change of(String text, byte[] value) {
      return new Change(Page.Key.of(text), value);
    }

    private boolean isPut() {
      return value != NOTHING;
    }

    private Page.Entry entry() {
      return Page.Entry.of(key, value);
    }
  }

  /** Changes entries, each of another key. */
  void change(List<Change> changes) {
    Map<Integer, List<Change>> byPage = new HashMap<>();
    List<Page.Entry> added = new ArrayList<>();
    for (Change change : changes) {
      int number = index().getOrDefault(change.key.hash(), NO_PAGE);
      if (number != NO_PAGE) {
        byPage.computeIfAbsent(number, page -> new ArrayList<>()).add(change);
      } else if (change.isPut()) {
        added.add(change.entry());
      }
    }
    byPage.forEach((number, ofPage) -> change(number, ofPage, added));
    add(added);
  }

  private void change(int number, List<Change> changes, List<Page.Entry> added) {
    byte[] before = page(number);
    List<Page.Entry> after = new ArrayList<>();
    for (int entry = 0; entry < Page.count(before); entry++) {
      if (!isChanged(before, entry, changes)) {
        after.add(Page.Entry.of(before, entry));
      }
    }
    for (Change change : changes) {
      if (change.isPut()) {
        after.add(change.entry());
      }
    }
    replace(number, before, after, added);
  }

  private static boolean isChanged(byte[] page, int entry, List<Change> changes) {
    for (Change change : changes) {
      if (Page.isOf(page, entry, change.key)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Takes out entries of which something holds.
   *
   * @return whether none is left
   */
  boolean removeIf(Test test) {
    index();
    Map<Integer, byte[]> losing = new HashMap<>();
    for (Map.Entry<Integer, byte[]> page : KeptState.entries(state)) {
      if (holdsOfAny(page.getValue(), test)) {
        losing.put(page.getKey(), page.getValue());
      }
    }
    List<Page.Entry> added = new ArrayList<>();
    losing.forEach(
        (number, page) -> {
          List<Page.Entry> left = new ArrayList<>();
          for (int entry = 0; entry < Page.count(page); entry++) {
            if (!test.holds(page, entry)) {
              left.add(Page.Entry.of(page, entry));
            }
          }
          replace(number, page, left, added);
        });
    add(added);
    return index().isEmpty();
  }

  private static boolean holdsOfAny(byte[] page, Test test) {
    for (int entry = 0; entry < Page.count(page); entry++) {
      if (test.holds(page, entry)) {
        return true;
      }
    }
    return false;
  }

  /** A page becomes another, unless so little is left that it is to be added elsewhere. */
  private void replace(int number, byte[] before, List<Page.Entry> after, List<Page.Entry> added) {
    boolean dissolved = after.size() <= SPARSE && number != latest;
    for (int entry = 0; entry < Page.count(before); entry++) {
      int hash = Page.hashOf(before, entry);
      if (dissolved || after.stream().noneMatch(kept -> kept.hash() == hash)) {
        index().remove(hash);
      }
    }
    if (dissolved) {
      added.addAll(after);
    }
    put(number, dissolved ? List.of() : after);
  }

  private void add(List<Page.Entry> added) {
    if (added.isEmpty()) {
      return;
    }
    List<Page.Entry> page = new ArrayList<>(FULL);
    if (latest != NO_PAGE) {
      byte[] begun = page(latest);
      for (int entry = 0; entry < Page.count(begun); entry++) {
        page.add(Page.Entry.of(begun, entry));
      }
    }
    if (latest == NO_PAGE || page.size() >= FULL) {
      page.clear();
      latest = unused();
    }
    for (Page.Entry entry : added) {
      int number = index().getOrDefault(entry.hash(), NO_PAGE);
      if (number != NO_PAGE && number != latest) {
        putBeside(number, entry);
        continue;
      }
      if (number == NO_PAGE && page.size() >= FULL) {
        put(latest, page);
        page.clear();
        latest = unused();
      }
      page.add(entry);
      index().put(entry.hash(), latest);
    }
    put(latest, page);
  }

  /** Where another key of the same hash is. */
  private void putBeside(int number, Page.Entry entry) {
    byte[] before = page(number);
    List<Page.Entry> after = new ArrayList<>();
    for (int i = 0; i < Page.count(before); i++) {
      after.add(Page.Entry.of(before, i));
    }
    after.add(entry);
    put(number, after);
  }

  /** How many keys there are, those of the same hash counted once; 0 if nobody has asked yet. */
  int known() {
    return pageByHash == null ? 0 : pageByHash.size();
  }

  void clear() {
    state.clear();
    index().clear();
    latest = NO_PAGE;
  }

  private int unused() {
    while (KeptState.get(state, next) != null) {
      next = next + 1 & Integer.MAX_VALUE;
    }
    int number = next;
    next = next + 1 & Integer.MAX_VALUE;
    return number;
  }

  private byte[] page(int number) {
    byte[] page = KeptState.get(state, number);
    return page == null ? Page.EMPTY : page;
  }

  private void put(int number, List<Page.Entry> entries) {
    if (entries.isEmpty()) {
      KeptState.remove(state, number);
    } else {
      KeptState.put(state, number, Page.of(entries));
    }
  }

  private IntIntHashMap index() {
    if (pageByHash == null) {
      pageByHash = new IntIntHashMap();
      for (Map.Entry<Integer, byte[]> page : KeptState.entries(state)) {
        int number = page.getKey();
        int count = Page.count(page.getValue());
        next = Math.max(next, number + 1 & Integer.MAX_VALUE);
        if (count < FULL && number > latest) {
          latest = number;
        }
        for (int entry = 0; entry < count; entry++) {
          pageByHash.put(Page.hashOf(page.getValue(), entry), number);
        }
      }
    }
    return pageByHash;
  }
}
