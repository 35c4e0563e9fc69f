package io.attentionflow.launcher.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeadLetterJsonTest {

  @Test
  void saysWhereWhyAndWhat() {
    ObjectNode json = DeadLetterJson.of(letter(utf8("t1"), utf8("{\"f\u00fcr\":\n1}")));

    assertThat(json.toString())
        .isEqualTo(
            "{\"topic\":\"task-events\",\"partition\":3,\"offset\":17,"
                + "\"reason\":\"NOT_SINGLE_OBJECT\",\"detail\":\"too short\","
                + "\"observedAt\":\"2026-01-01T12:00:00Z\","
                + "\"key\":\"t1\",\"value\":\"{\\\"f\u00fcr\\\":\\n1}\"}");
  }

  @Test
  void encodesWhatIsNoText() {
    byte[] control = {(byte) 'a', 1};
    byte[] noUtf8 = {(byte) 0xC3, (byte) 'a'};

    ObjectNode json = DeadLetterJson.of(letter(control, noUtf8));

    assertThat(decoded(json, "keyBase64")).isEqualTo(control);
    assertThat(decoded(json, "valueBase64")).isEqualTo(noUtf8);
    assertThat(json.has("key")).isFalse();
    assertThat(json.has("value")).isFalse();
  }

  @Test
  void leavesOutWhatTheLetterHasNot() {
    ObjectNode json = DeadLetterJson.of(letter(null, new byte[0]));

    assertThat(json.has("key")).isFalse();
    assertThat(json.has("keyBase64")).isFalse();
    assertThat(json.get("value").textValue()).isEmpty();
  }

  @Test
  void cutsWhatIsLongBetweenCharactersAndSaysHowLongItIs() {
    String smiles = "\ud83d\ude00".repeat(DeadLetterJson.MOST);
    ObjectNode whole = DeadLetterJson.of(letter(utf8(smiles), new byte[DeadLetterJson.MOST]));
    assertThat(whole.get("key").textValue()).isEqualTo(smiles);
    assertThat(whole.has("keyBytes")).isFalse();
    assertThat(decoded(whole, "valueBase64")).hasSize(DeadLetterJson.MOST);
    assertThat(whole.has("valueBytes")).isFalse();

    ObjectNode cut =
        DeadLetterJson.of(letter(utf8(smiles + "x"), new byte[DeadLetterJson.MOST + 1]));
    assertThat(cut.get("key").textValue()).isEqualTo(smiles);
    assertThat(cut.get("keyBytes").intValue()).isEqualTo(4 * DeadLetterJson.MOST + 1);
    assertThat(decoded(cut, "valueBase64")).hasSize(DeadLetterJson.MOST);
    assertThat(cut.get("valueBytes").intValue()).isEqualTo(DeadLetterJson.MOST + 1);
  }

  private static byte[] decoded(ObjectNode json, String field) {
    return Base64.getDecoder().decode(json.get(field).textValue());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static DeadLetter letter(byte @Nullable [] key, byte @Nullable [] value) {
    return DeadLetter.newBuilder()
        .setTopic("task-events")
        .setPartition(3)
        .setOffset(17)
        .setReason(DeadLetterReason.NOT_SINGLE_OBJECT)
        .setDetail("too short")
        .setObservedAt(Instant.parse("2026-01-01T12:00:00Z"))
        .setKey(key == null ? null : ByteBuffer.wrap(key))
        .setValue(value == null ? null : ByteBuffer.wrap(value))
        .build();
  }
}
