package io.attentionflow.jobs.allocation;

import java.time.Instant;
import java.util.List;

/**
 * A snapshot of one learner, to serve from.
 *
 * @param model the learner
 * @param member which of its members, from 0
 * @param members how many it has; 1: the snapshot is all of it
 * @param version grows with every snapshot of this learner, from 1
 * @param examples how many it has seen
 * @param featureSchema id of the features it reads
 * @param classes names of the classes, in order
 * @param drift how fresh the last change is that the learner has noticed, from 0 to 1
 * @param snapshot as its restore reads it; neither copied nor changed
 */
@SuppressWarnings("ArrayRecordComponent") // large, and never changed
public record ModelMessage(
    Origin origin,
    String model,
    int member,
    int members,
    long version,
    long examples,
    String featureSchema,
    List<String> classes,
    double drift,
    byte[] snapshot,
    Instant at)
    implements Message {

  public ModelMessage {
    classes = List.copyOf(classes);
  }

  /** The learner and the member, as the key of its record has them. */
  String key() {
    return key(model, member);
  }

  static String key(String model, int member) {
    return model + "/" + member;
  }
}
