package io.attentionflow.launcher.topics;

import picocli.CommandLine.Command;

/** Holds the commands about topics. */
@Command(
    name = "topics",
    description = "Makes the topics.",
    subcommands = {CreateTopicsCommand.class})
public final class TopicsCommand {}
