package io.attentionflow.launcher.tune;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Refused by its name, so that nobody looks for a typing error. */
@Command(name = "tune", hidden = true, description = "Not built yet.")
public final class TuneCommand implements Runnable {

  @Spec private CommandSpec spec;

  /** Whatever it is asked, the answer is the same. */
  @SuppressWarnings("UnusedVariable")
  @Unmatched
  private List<String> arguments = new ArrayList<>();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "is not built yet; 'evaluate' says how one policy does on a trace, 'policy shadow' in a"
            + " running job");
  }
}
