package io.attentionflow.allocation;

/** Quality of service, as the submitter states it. */
public enum Qos {
  LATENCY_SENSITIVE,
  GUARANTEED,
  BURSTABLE,
  BEST_EFFORT
}
