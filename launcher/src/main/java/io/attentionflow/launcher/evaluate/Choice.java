package io.attentionflow.launcher.evaluate;

import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.RightSizing;
import io.attentionflow.allocation.TieBreak;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.simulation.evaluate.EvaluationOptions;
import io.attentionflow.simulation.trace.TraceFormat;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An option that takes one of a few names, as they are spelt on a command line: in small letters,
 * with hyphens. What is not among them is refused with the list of those there are, so that the
 * list is always that of this build.
 */
abstract class Choice<T> implements ITypeConverter<T>, Iterable<String> {

  private final List<String> names;
  private final Function<String, T> choose;

  Choice(List<String> names, Function<String, T> choose) {
    this.names = names;
    this.choose = choose;
  }

  /** One of an enum's constants. */
  private abstract static class OfEnum<E extends Enum<E>> extends Choice<E> {
    OfEnum(Class<E> type) {
      super(
          Arrays.stream(type.getEnumConstants()).map(Choice::spelt).toList(),
          name -> EvaluationOptions.choose(type, "value", name));
    }
  }

  static final class Format extends Choice<TraceFormat> {
    Format() {
      super(
          Arrays.stream(TraceFormat.values()).map(TraceFormat::toString).toList(),
          name -> TraceFormat.named(name.toLowerCase(Locale.ROOT)));
    }
  }

  static final class Learner extends Choice<String> {
    Learner() {
      super(Learners.names(), name -> name.toLowerCase(Locale.ROOT));
    }
  }

  static final class Ordering extends OfEnum<PoolPolicy.Ordering> {
    Ordering() {
      super(PoolPolicy.Ordering.class);
    }
  }

  static final class Placement extends OfEnum<PoolPolicy.Placement> {
    Placement() {
      super(PoolPolicy.Placement.class);
    }
  }

  static final class Ties extends OfEnum<TieBreak> {
    Ties() {
      super(TieBreak.class);
    }
  }

  static final class Backfill extends OfEnum<PoolPolicy.Backfill> {
    Backfill() {
      super(PoolPolicy.Backfill.class);
    }
  }

  static final class Durations extends OfEnum<EvaluationOptions.Durations> {
    Durations() {
      super(EvaluationOptions.Durations.class);
    }
  }

  static final class Sizing extends OfEnum<RightSizing.Mode> {
    Sizing() {
      super(RightSizing.Mode.class);
    }
  }

  static final class Labels extends OfEnum<EvaluationOptions.Labels> {
    Labels() {
      super(EvaluationOptions.Labels.class);
    }
  }

  /** A constant's name as on the command line. */
  static String spelt(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public T convert(String name) {
    if (!names.contains(name.toLowerCase(Locale.ROOT).replace('_', '-'))) {
      throw new TypeConversionException(
          "there is no '%s' here; there are: %s".formatted(name, String.join(", ", names)));
    }
    return choose.apply(name);
  }

  @Override
  public Iterator<String> iterator() {
    return names.iterator();
  }
}
