package dev.wspolicy.builtin;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The settings of a recording.
 *
 * @param file the file, which is added to if it exists
 * @param maxSize the maximum size of the file
 * @param maxDuration the maximum time from the first session on
 * @param principal whether to record the name of the principal
 */
record RecordingSettings(@Nullable String file, @DefaultValue("64MB") DataSize maxSize,
		@DefaultValue("10m") Duration maxDuration, @DefaultValue("false") boolean principal) {

}
