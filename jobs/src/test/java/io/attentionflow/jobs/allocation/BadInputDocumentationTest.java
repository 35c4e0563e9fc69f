package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.Reason;
import io.attentionflow.schema.DeadLetterReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/bad-input.md says of reasons, and what there is. */
class BadInputDocumentationTest {

  private static final Path DOCUMENT = Path.of("../docs/bad-input.md");
  private static final Pattern NAME = Pattern.compile("`([A-Z]+(?:_[A-Z]+)*)`");
  private static final Pattern ROW = Pattern.compile("\\|(.*)\\|(.*)\\|(.*)\\|");

  @Test
  void hasARowForEveryReasonOfADeadLetter() throws IOException {
    Set<String> inRows =
        Files.readAllLines(DOCUMENT).stream()
            .map(ROW::matcher)
            .filter(row -> row.matches() && row.group(2).contains("dead letter"))
            .flatMap(row -> names(row.group(3)))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(inRows)
        .containsAll(
            Stream.of(DeadLetterReason.values())
                .filter(reason -> reason != DeadLetterReason.UNKNOWN)
                .map(Enum::name)
                .toList());
  }

  @Test
  void namesNoReasonThatThereIsNot() throws IOException {
    Set<String> reasons =
        Stream.<Enum<?>[]>of(DeadLetterReason.values(), Reason.values())
            .flatMap(Stream::of)
            .map(Enum::name)
            .collect(Collectors.toSet());

    assertThat(
            Files.readAllLines(DOCUMENT).stream()
                .map(ROW::matcher)
                .filter(row -> row.matches() && !row.group(1).isBlank())
                .flatMap(row -> names(row.group(3))))
        .isNotEmpty()
        .isSubsetOf(reasons);
  }

  private static Stream<String> names(String text) {
    return NAME.matcher(text).results().map(found -> found.group(1));
  }
}
