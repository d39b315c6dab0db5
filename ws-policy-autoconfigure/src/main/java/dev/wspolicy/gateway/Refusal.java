package dev.wspolicy.gateway;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;

/**
 * An answer other than 101. It is left to the filters behind to commit it, so that the
 * route's response-header filters apply.
 *
 * @param status the status
 * @param headers headers that go with it
 */
record Refusal(HttpStatusCode status, HttpHeaders headers) {

	void writeTo(ServerHttpResponse response) {
		response.setStatusCode(this.status);
		response.getHeaders().addAll(this.headers);
	}

}
