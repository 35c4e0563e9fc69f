package io.attentionflow.launcher.query;

import picocli.CommandLine.Command;

/** Holds the questions that can be asked. */
@Command(
    name = "query",
    description = "Says where a task is and why, what is on a node, and how a pool is.",
    subcommands = {TaskQuery.class, NodeQuery.class, PoolQuery.class, PendingQuery.class})
public final class QueryCommand {}
