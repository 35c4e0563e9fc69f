package io.attentionflow.launcher.doctor;

/**
 * What came of one check.
 *
 * @param check what was looked at
 * @param found what is there, for people
 * @param advice what to do about it; empty: nothing
 */
record Finding(String check, Status status, String found, String advice) {

  /** How bad it is. */
  enum Status {
    OK,
    /** Worth knowing; nothing is stopped by it. */
    HINT,
    /** Something would not run. */
    PROBLEM
  }

  static Finding ok(String check, String found) {
    return new Finding(check, Status.OK, found, "");
  }

  static Finding hint(String check, String found, String advice) {
    return new Finding(check, Status.HINT, found, advice);
  }

  static Finding problem(String check, String found, String advice) {
    return new Finding(check, Status.PROBLEM, found, advice);
  }
}
