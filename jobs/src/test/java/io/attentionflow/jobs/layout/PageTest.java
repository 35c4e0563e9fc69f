package io.attentionflow.jobs.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTest {

  @Test
  void findsEachEntryByItsKeyAndNoOther() {
    byte[] page = Page.of(List.of(entry("a", "one"), entry("", "nothing"), entry("äß", "")));

    assertThat(Page.count(page)).isEqualTo(3);
    assertThat(valueOf(page, "a")).isEqualTo("one");
    assertThat(valueOf(page, "")).isEqualTo("nothing");
    assertThat(valueOf(page, "äß")).isEmpty();
    assertThat(Page.find(page, Page.Key.of("b"))).isEqualTo(Page.NONE);
    assertThat(Page.find(Page.EMPTY, Page.Key.of("a"))).isEqualTo(Page.NONE);
  }

  @Test
  void tellsKeysOfTheSameHashApart() {
    List<String> pair = SameHash.PAIRS.get(0);
    byte[] page = Page.of(List.of(entry(pair.get(0), "first"), entry(pair.get(1), "second")));
    byte[] other = Page.of(List.of(entry(pair.get(0), "first")));

    assertThat(Page.hashOf(page, 0)).isEqualTo(Page.hashOf(page, 1));
    assertThat(valueOf(page, pair.get(0))).isEqualTo("first");
    assertThat(valueOf(page, pair.get(1))).isEqualTo("second");
    assertThat(Page.find(other, Page.Key.of(pair.get(1)))).isEqualTo(Page.NONE);
  }

  @Test
  void isMadeOfEntriesOfOthers() {
    byte[] one = Page.of(List.of(entry("a", "one"), entry("b", "two")));
    byte[] other = Page.of(List.of(Page.Entry.of(one, 1), entry("c", "three")));

    assertThat(valueOf(other, "b")).isEqualTo("two");
    assertThat(valueOf(other, "c")).isEqualTo("three");
    assertThat(Page.count(other)).isEqualTo(2);
  }

  /** What lies in state is read by every later release. */
  @Test
  void liesAsItAlwaysDid() {
    assertThat(Page.of(List.of(entry("task-1", "v"))))
        .containsExactly(
            0, 0, 0, 1, //
            0xad, 0x18, 0x19, 0x93, //
            0, 0, 0, 23, //
            0, 0, 0, 6, 't', 'a', 's', 'k', '-', '1', //
            'v');
  }

  private static Page.Entry entry(String key, String value) {
    return Page.Entry.of(Page.Key.of(key), value.getBytes(StandardCharsets.UTF_8));
  }

  private static String valueOf(byte[] page, String key) {
    int entry = Page.find(page, Page.Key.of(key));
    return new String(
        Arrays.copyOfRange(page, Page.valueOf(page, entry), Page.end(page, entry)),
        StandardCharsets.UTF_8);
  }
}
