package io.attentionflow.launcher.policy;

import picocli.CommandLine.Command;

/** Holds the commands about policies. */
@Command(
    name = "policy",
    description = "Reads and changes the policies of pools while the job runs.",
    subcommands = {GetPolicyCommand.class, SetPolicyCommand.class, ShadowPolicyCommand.class})
public final class PolicyCommand {}
