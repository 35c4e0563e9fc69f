package io.attentionflow.jobs.allocation;

import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A map of a few keys and their values, in two lists as they are: to be gone through, once. */
final class ListedMap<K, V> extends AbstractMap<K, V> {

  private final List<K> keys;
  private final List<V> values;

  /**
   * @param keys each another
   * @param values as many
   */
  ListedMap(List<K> keys, List<V> values) {
    this.keys = keys;
    this.values = values;
  }

  @Override
  public int size() {
    return keys.size();
  }

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return new Entries();
  }

  private final class Entries extends AbstractSet<Map.Entry<K, V>> {

    @Override
    public int size() {
      return keys.size();
    }

    @Override
    public Iterator<Map.Entry<K, V>> iterator() {
      return new AbstractList<Map.Entry<K, V>>() {
        @Override
        public Map.Entry<K, V> get(int index) {
          return Map.entry(keys.get(index), values.get(index));
        }

        @Override
        public int size() {
          return keys.size();
        }
      }.iterator();
    }
  }
}
