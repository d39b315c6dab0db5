package dev.wspolicy.actuate;

import java.util.Objects;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The body of an error response.
 *
 * @param message what is wrong with the request
 */
record Problem(String message) implements OperationResponseBody {

	static Problem of(InvalidEndpointRequestException ex) {
		return new Problem(Objects.requireNonNullElse(ex.getReason(), ""));
	}

	/** Create the exception that an operation throws for an invalid request. */
	static InvalidEndpointRequestException invalid(String message) {
		return new InvalidEndpointRequestException(message, message);
	}

}
