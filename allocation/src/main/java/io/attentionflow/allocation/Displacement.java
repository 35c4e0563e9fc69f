package io.attentionflow.allocation;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why it was worth it to take a task's place away.
 *
 * @param madeRoomFor the task that needs the place; null: none does, it is moved for its own good
 * @param gain time that is expected to be saved; null: not estimated, as with priorities
 * @param cost the run time that is lost, and what it takes to begin again
 */
public record Displacement(@Nullable String madeRoomFor, @Nullable Duration gain, Duration cost) {}
