package dev.wspolicy.actuate;

import java.util.Objects;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What is wrong with a request to an endpoint, as whoever has sent it is told.
 *
 * @param message what is wrong
 */
record Problem(String message) implements OperationResponseBody {

	static Problem of(InvalidEndpointRequestException ex) {
		return new Problem(Objects.requireNonNullElse(ex.getReason(), ""));
	}

	/** What an operation throws for it. */
	static InvalidEndpointRequestException invalid(String message) {
		return new InvalidEndpointRequestException(message, message);
	}

}
