package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * A response other than 101. It is committed by the filters outside the routing filter,
 * so that the response header filters of the route apply.
 *
 * @param status the response status
 * @param headers additional response headers
 * @param problem what is wrong with the request, sent in the body; {@code null} for a
 * response without a body
 */
record UpgradeRejection(HttpStatusCode status, HttpHeaders headers, @Nullable String problem) {

	private static final String ATTRIBUTE = UpgradeRejection.class.getName();

	UpgradeRejection(HttpStatusCode status, HttpHeaders headers) {
		this(status, headers, null);
	}

	void writeTo(ServerWebExchange exchange) {
		ServerHttpResponse response = exchange.getResponse();
		response.setStatusCode(this.status);
		response.getHeaders().addAll(this.headers);
		// Filters that retry remove these headers first.
		exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_HEADER_NAMES, this.headers.headerNames());
		if (this.problem != null) {
			exchange.getAttributes().put(ATTRIBUTE, this);
		}
	}

	/**
	 * Write the body of a rejection that is attached to the exchange, if there is one.
	 */
	static Mono<Void> writeBody(ServerWebExchange exchange) {
		UpgradeRejection rejection = (UpgradeRejection) exchange.getAttributes().remove(ATTRIBUTE);
		ServerHttpResponse response = exchange.getResponse();
		if (rejection == null || response.isCommitted()) {
			return Mono.empty();
		}
		byte[] body = rejection.body(exchange).getBytes(StandardCharsets.UTF_8);
		response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
		response.getHeaders().setContentLength(body.length);
		// Filters that modify bodies look up the upstream's content type here.
		exchange.getAttributes()
			.put(ServerWebExchangeUtils.ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR, MediaType.APPLICATION_JSON_VALUE);
		return response.writeWith(Mono.<DataBuffer>fromSupplier(() -> response.bufferFactory().wrap(body)));
	}

	/**
	 * Same format as the error responses of Spring Boot. No value needs escaping: neither
	 * the problem nor a valid URI path contains a quotation mark.
	 */
	private String body(ServerWebExchange exchange) {
		HttpStatusCode answered = exchange.getResponse().getStatusCode();
		int code = ((answered != null) ? answered : this.status).value();
		HttpStatus known = HttpStatus.resolve(code);
		return "{\"timestamp\":\"" + Instant.now() + "\",\"path\":\"" + exchange.getRequest().getURI().getRawPath()
				+ "\",\"status\":" + code + ",\"error\":\"" + ((known != null) ? known.getReasonPhrase() : code)
				+ "\",\"requestId\":\"" + exchange.getRequest().getId() + "\",\"message\":\"" + this.problem + "\"}";
	}

}
