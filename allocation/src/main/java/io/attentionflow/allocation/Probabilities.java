package io.attentionflow.allocation;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * Probabilities of classes as an immutable list that holds no object for each of them: every open
 * task has one. Equal to any list of the same numbers.
 */
public final class Probabilities extends AbstractList<Double> implements RandomAccess {

  private final double[] numbers;

  private Probabilities(double[] numbers) {
    this.numbers = numbers;
  }

  /** These numbers, in this order; the array is copied. */
  public static Probabilities of(double... numbers) {
    return new Probabilities(numbers.clone());
  }

  /** The same list if it is one already. */
  static Probabilities copyOf(List<Double> list) {
    if (list instanceof Probabilities same) {
      return same;
    }
    double[] numbers = new double[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = list.get(i);
    }
    return new Probabilities(numbers);
  }

  @Override
  public Double get(int index) {
    return numbers[index];
  }

  @Override
  public int size() {
    return numbers.length;
  }
}
