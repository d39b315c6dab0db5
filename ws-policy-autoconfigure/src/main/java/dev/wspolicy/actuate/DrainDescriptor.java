package dev.wspolicy.actuate;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import dev.wspolicy.session.DrainProgress;
import dev.wspolicy.session.SessionRegistry;

/**
 * The state of the drain.
 *
 * @param draining whether the gateway refuses new sessions and closes the live ones
 * @param drain the progress, or {@code null} if there is no drain
 */
public record DrainDescriptor(boolean draining, @Nullable DrainProgress drain) implements OperationResponseBody {

	static DrainDescriptor of(SessionRegistry registry) {
		DrainProgress progress = registry.drain().orElse(null);
		return new DrainDescriptor(registry.isDraining(), progress);
	}

}
