package io.attentionflow.simulation.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Keys;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArffRowsTest {

  private static final Path ROWS = Path.of("src/test/resources/traces/rows.arff");
  private static final String SMALL =
      "@relation r\n@attribute x real\n@attribute c {a,b}\n@data\n1,a\n";

  @TempDir private Path directory;

  @Test
  void readsNumbersNamesAndTexts() throws IOException {
    LabelledRows rows = all(ROWS, null);

    assertThat(rows.schema().numbers()).containsExactly("temperature");
    assertThat(rows.schema().keys()).containsExactly("outlook", "station");
    assertThat(rows.classes()).containsExactly("no", "yes");
    assertThat(rows.labels()).containsExactly(0, 1, 1, 1, 0);
    assertRow(rows.rows().get(0), 30, 1, Keys.of("north"));
    assertRow(rows.rows().get(1), Double.NaN, 2, Keys.of("south, east"));
    assertRow(rows.rows().get(2), 21.5, 3, Keys.UNKNOWN);
  }

  @Test
  void fillsWhatASparseRowLeavesOut() throws IOException {
    assertRow(all(ROWS, null).rows().get(3), 12, 1, Keys.UNKNOWN);
  }

  private static void assertRow(FeatureVector row, double number, long... keys) {
    assertThat(row.numbers()).containsExactly(number);
    assertThat(row.keys()).containsExactly(keys);
  }

  @Test
  void namesBadRowsAndReadsOn() throws IOException {
    LineCount lines = all(ROWS, null).lines();

    assertThat(lines.used()).isEqualTo(5);
    assertThat(lines.firstBad())
        .extracting(LineCount.BadLine::toString)
        .containsExactly(
            "rows.arff:14: outlook is never foggy",
            "rows.arff:15: temperature is no number: warm",
            "rows.arff:16: 3 cells for 4 attributes");
  }

  @Test
  void takesAnotherAttributeForTheClass() throws IOException {
    LabelledRows rows = all(ROWS, "OUTLOOK");

    assertThat(rows.classes()).containsExactly("sunny", "partly cloudy", "rainy");
    assertThat(rows.schema().keys()).containsExactly("station", "Play");
    assertThat(rows.labels()).startsWith(0, 1, 2);
  }

  @Test
  void takesAStretch() throws IOException {
    LabelledRows rows = ArffRows.read(ROWS, null, 1, 2);

    assertThat(rows.labels()).containsExactly(1, 1);
    assertThat(rows.rows().get(0).keys()[0]).isEqualTo(2);
  }

  @Test
  void readsFromAZipArchive() throws IOException {
    Path packed = directory.resolve("rows.arff.zip");
    try (OutputStream out = Files.newOutputStream(packed);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("rows.arff"));
      Files.copy(ROWS, zip);
    }

    assertThat(TraceFormat.of(packed)).isEqualTo(TraceFormat.ARFF);
    assertThat(all(packed, null).labels()).isEqualTo(all(ROWS, null).labels());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{a,b}|numeric|the class c is not one of several names",
        "{a,b}|{a,b|rows.arff:3: braces are not closed",
        "x real|x date|rows.arff:2: attribute x is of type date; there are:",
        "@data|@date|rows.arff:4: neither a comment nor a declaration",
        "1,a|1,z|none of 1 lines can be read; the first: rows.arff:5: there is no class z",
        "1,a|1,'a|a quote is not closed",
        "1,a|{9 a}|there is no attribute 9",
      })
  void saysWhatIsWrong(String from, String to, String complaint) throws IOException {
    Path file = Files.writeString(directory.resolve("rows.arff"), SMALL.replace(from, to));

    assertThatThrownBy(() -> all(file, null))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void saysWhichAttributesThereAre() throws IOException {
    Path file = Files.writeString(directory.resolve("rows.arff"), SMALL);

    assertThatThrownBy(() -> all(file, "y"))
        .hasMessage("rows.arff: no attribute y; there are: [x, c]");
  }

  private static LabelledRows all(Path file, @Nullable String attribute) throws IOException {
    return ArffRows.read(file, attribute, 0, Integer.MAX_VALUE);
  }
}
