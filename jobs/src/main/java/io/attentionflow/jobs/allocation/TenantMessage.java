package io.attentionflow.jobs.allocation;

/** What bears on the tasks of one tenant: what submitters and nodes say of them. */
public sealed interface TenantMessage extends Message permits TaskMessage, FeedbackMessage {

  /** The key of its history. */
  String tenant();
}
