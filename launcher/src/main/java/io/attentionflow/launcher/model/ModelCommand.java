package io.attentionflow.launcher.model;

import picocli.CommandLine.Command;

/** Holds the commands about models. */
@Command(
    name = "model",
    description = "Lists and exports what the job has learned.",
    subcommands = {ListModelsCommand.class, ExportModelCommand.class})
public final class ModelCommand {}
