package io.attentionflow.launcher.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.schema.DeadLetter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter as JSON, for people who look for what they sent.
 *
 * <p>Key and value are {@code key} and {@code value} where they are text in UTF-8 without control
 * characters but tab and line ends, and else {@code keyBase64} and {@code valueBase64}. Of longer
 * ones it is the first {@value #MOST} characters, or bytes, and {@code keyBytes} or {@code
 * valueBytes} is their whole length in bytes. What a letter has not is absent.
 */
final class DeadLetterJson {

  static final int MOST = 1000;

  private DeadLetterJson() {}

  static ObjectNode of(DeadLetter letter) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("topic", letter.getTopic());
    json.put("partition", letter.getPartition());
    json.put("offset", letter.getOffset());
    json.put("reason", letter.getReason().name());
    json.put("detail", letter.getDetail());
    json.put("observedAt", letter.getObservedAt().toString());
    putBytes(json, "key", letter.getKey());
    putBytes(json, "value", letter.getValue());
    return json;
  }

  private static void putBytes(ObjectNode json, String name, @Nullable ByteBuffer buffer) {
    if (buffer == null) {
      return;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    String text = text(bytes);
    boolean isCut;
    if (text == null) {
      isCut = bytes.length > MOST;
      byte[] first = isCut ? Arrays.copyOf(bytes, MOST) : bytes;
      json.put(name + "Base64", Base64.getEncoder().encodeToString(first));
    } else {
      isCut = text.codePointCount(0, text.length()) > MOST;
      json.put(name, isCut ? text.substring(0, text.offsetByCodePoints(0, MOST)) : text);
    }
    if (isCut) {
      json.put(name + "Bytes", bytes.length);
    }
  }

  /** The bytes as text; null: they are none. */
  private static @Nullable String text(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.chars().allMatch(DeadLetterJson::isPrintable) ? text : null;
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static boolean isPrintable(int c) {
    return !Character.isISOControl(c) || c == '\t' || c == '\n' || c == '\r';
  }
}
