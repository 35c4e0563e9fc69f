package io.attentionflow.launcher.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.attentionflow.launcher.net.Ports;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;

class FlinkInProcessTest {

  @Test
  void runsAJobAndServesItsPageAndIsGoneWhenClosed() throws Exception {
    int port;
    try (FlinkInProcess flink = FlinkInProcess.start(1, 1)) {
      port = flink.webAddress().getPort();
      StreamExecutionEnvironment environment = flink.environment();
      environment.fromSequence(1, Long.MAX_VALUE).sinkTo(new DiscardingSink<>());

      JobID job = flink.submit(environment, "count");

      assertThat(answer(flink.webAddress(), "/")).isEqualTo(200);
      assertThat(answer(flink.webAddress(), "/jobs/" + job)).isEqualTo(200);
      flink.cancel(job);
      assertThat(flink.status(job)).isEqualTo(JobStatus.CANCELED);
    }

    assertThat(Ports.isFree(port)).isTrue();
  }

  @Test
  void keepsWhatTheWebPageNeedsInItsOwnDirectory() throws Exception {
    try (FlinkInProcess flink = FlinkInProcess.start(1, 1);
        InputStream in = flink.webAddress().resolve("/jobmanager/config").toURL().openStream()) {
      Map<String, String> settings = new HashMap<>();
      new ObjectMapper()
          .readTree(in)
          .forEach(each -> settings.put(each.path("key").asText(), each.path("value").asText()));

      assertThat(settings.get("web.tmpdir"))
          .contains("attention-flow-flink-")
          .isEqualTo(settings.get("io.tmp.dirs"));
    }
  }

  private static int answer(URI address, String path) throws Exception {
    var connection = (HttpURLConnection) address.resolve(path).toURL().openConnection();
    try {
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }
}
