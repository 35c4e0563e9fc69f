package io.attentionflow.launcher.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.launcher.kafka.LatestRecords;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.topic.Topic;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest snapshot of every learner.
 *
 * @param byKey by {@code model/member}
 * @param champion who serves; null: it was not published yet, and the job's configuration says
 */
record PublishedModels(SortedMap<String, ModelUpdate> byKey, @Nullable String champion) {

  /** The key under which the job publishes who serves. */
  private static final String CHAMPION = "champion/0";

  static PublishedModels read(KafkaOptions kafka, Duration timeout) {
    SortedMap<String, ModelUpdate> models =
        new TreeMap<>(LatestRecords.read(kafka, Topic.MODEL_UPDATES, ModelUpdate.class, timeout));
    ModelUpdate champion = models.remove(CHAMPION);
    if (champion != null) {
      return new PublishedModels(models, champion.getParameters().get("learner"));
    }
    String flagged =
        models.values().stream()
            .filter(ModelUpdate::getChampion)
            .map(ModelUpdate::getModel)
            .findFirst()
            .orElse(null);
    return new PublishedModels(models, flagged);
  }

  ObjectNode toJson(ModelUpdate model) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", model.getModel());
    json.put("member", model.getMember());
    json.put("members", model.getMembers());
    json.put("version", model.getVersion());
    json.put("champion", model.getModel().equals(champion));
    json.put("publishedAt", model.getPublishedAt().toString());
    json.put("examples", model.getExamples());
    json.put("seed", model.getSeed());
    json.put("featureSchema", model.getFeatureSchema());
    model.getClasses().forEach(json.withArray("/classes")::add);
    json.put("format", model.getFormat());
    ObjectNode parameters = json.putObject("parameters");
    new TreeMap<>(model.getParameters()).forEach(parameters::put);
    json.put("snapshotBytes", model.getSnapshot().remaining());
    return json;
  }
}
