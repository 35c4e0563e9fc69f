package io.attentionflow.serving;

import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.schema.ModelUpdate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A published model in one record, also where its members were published each by itself. */
public final class JoinedMembers {

  /** The layout of snapshots that is known here. */
  private static final int FORMAT = 1;

  private JoinedMembers() {}

  /**
   * Puts the members of a model together.
   *
   * @param members of one model, in any order, at least one; or the one record of a model that was
   *     published as a whole
   * @return what the first member's record says, with a snapshot of all
   * @throws IOException if a member is missing or there twice, or they are not of one model, or of
   *     features or a layout unknown here
   */
  public static ModelUpdate join(List<ModelUpdate> members) throws IOException {
    ModelUpdate any = members.get(0);
    if (members.size() == 1 && any.getMembers() == 1) {
      return any;
    }
    Classifier whole = begin(any);
    Set<Integer> joined = new HashSet<>();
    ModelUpdate first = any;
    for (ModelUpdate member : members) {
      checkOneOf(any, member, whole.members());
      if (!joined.add(member.getMember())) {
        throw new IOException(
            "%s has member %d twice".formatted(member.getModel(), member.getMember()));
      }
      restore(whole, member);
      first = member.getMember() == 0 ? member : first;
    }
    if (joined.size() < whole.members()) {
      throw new IOException(
          "%s has %d members; there are %d"
              .formatted(any.getModel(), whole.members(), joined.size()));
    }
    return ModelUpdate.newBuilder(first)
        .setMember(0)
        .setMembers(1)
        .setSnapshot(ByteBuffer.wrap(whole.snapshot()))
        .build();
  }

  private static void checkOneOf(ModelUpdate any, ModelUpdate member, int members)
      throws IOException {
    boolean one =
        member.getModel().equals(any.getModel())
            && member.getSeed() == any.getSeed()
            && member.getFeatureSchema().equals(any.getFeatureSchema())
            && member.getClasses().equals(any.getClasses())
            && member.getFormat() == any.getFormat();
    if (!one
        || member.getMembers() != members
        || member.getMember() < 0
        || member.getMember() >= members) {
      throw new IOException(
          "member %d of %d of %s does not belong to the %d of %s"
              .formatted(
                  member.getMember(),
                  member.getMembers(),
                  member.getModel(),
                  members,
                  any.getModel()));
    }
  }

  private static void restore(Classifier whole, ModelUpdate member) throws IOException {
    try {
      whole.restore(member.getMember(), bytes(member.getSnapshot()));
    } catch (IllegalArgumentException e) {
      throw unusable(member, e);
    }
  }

  /** The learner of a model that was published as a whole. */
  static Classifier classifier(ModelUpdate whole) throws IOException {
    Classifier classifier = begin(whole);
    try {
      classifier.restore(bytes(whole.getSnapshot()));
      return classifier;
    } catch (IllegalArgumentException e) {
      throw unusable(whole, e);
    }
  }

  /** A learner that has seen nothing. */
  private static Classifier begin(ModelUpdate update) throws IOException {
    FeatureSchema tasks = FeatureSchema.ofTasks(ComplexityScale.DEFAULT);
    if (!update.getFeatureSchema().equals(tasks.id()) || update.getFormat() != FORMAT) {
      throw new IOException(
          "%s is of features %s in format %d; served are %s in format %d"
              .formatted(
                  update.getModel(),
                  update.getFeatureSchema(),
                  update.getFormat(),
                  tasks.id(),
                  FORMAT));
    }
    FeatureSchema schema =
        new FeatureSchema(
            tasks.id(), tasks.numbers(), tasks.keys(), tasks.tables(), update.getClasses().size());
    try {
      return Learners.create(update.getModel(), schema, update.getSeed());
    } catch (IllegalArgumentException e) {
      throw unusable(update, e);
    }
  }

  private static IOException unusable(ModelUpdate update, IllegalArgumentException why) {
    return new IOException("%s: %s".formatted(update.getModel(), why.getMessage()), why);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
