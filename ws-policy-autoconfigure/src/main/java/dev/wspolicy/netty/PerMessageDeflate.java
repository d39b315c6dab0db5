package dev.wspolicy.netty;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionUtil;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.Compression;

/**
 * What has been agreed upon with one peer about the compression of its leg
 * (<a href="https://www.rfc-editor.org/rfc/rfc7692#section-7">RFC 7692, section 7</a>).
 * Netty's own negotiation declines offers that the RFC allows, and lets pass what it
 * forbids; only its parser serves here.
 *
 * @param answer the value of {@code Sec-WebSocket-Extensions} that agrees to it
 * @param inflateTakeover whether the peer's messages may refer to earlier ones
 * @param deflateTakeover whether messages to the peer may
 * @param level how hard to compress
 * @param minSize messages of fewer bytes are sent as they are
 */
public record PerMessageDeflate(String answer, boolean inflateTakeover, boolean deflateTakeover, int level,
		long minSize) {

	private static final String NAME = "permessage-deflate";

	private static final String CLIENT_NO_CONTEXT = "client_no_context_takeover";

	private static final String SERVER_NO_CONTEXT = "server_no_context_takeover";

	private static final String CLIENT_WINDOW = "client_max_window_bits";

	private static final String SERVER_WINDOW = "server_max_window_bits";

	private static final Set<String> NO_CONTEXT = Set.of(CLIENT_NO_CONTEXT, SERVER_NO_CONTEXT);

	// The JDK's deflater knows this one only; its inflater reads any.
	private static final String WINDOW = "15";

	/**
	 * Choose from what a client offers.
	 * @param headers the values of its {@code Sec-WebSocket-Extensions}
	 * @param compression what the pipeline allows
	 * @return the first offer that can be accepted, or {@code null}
	 */
	public static @Nullable PerMessageDeflate accept(List<String> headers, Compression compression) {
		if (!compression.client()) {
			return null;
		}
		for (WebSocketExtensionData offer : parse(headers)) {
			if (isAcceptable(offer)) {
				return accept(offer.parameters(), compression);
			}
		}
		return null;
	}

	private static boolean isAcceptable(WebSocketExtensionData offer) {
		return NAME.equalsIgnoreCase(offer.name()) && offer.parameters().entrySet().stream().allMatch((parameter) -> {
			String value = parameter.getValue();
			return switch (parameter.getKey()) {
				case CLIENT_NO_CONTEXT, SERVER_NO_CONTEXT -> value == null;
				case CLIENT_WINDOW -> value == null || isWindow(value);
				case SERVER_WINDOW -> WINDOW.equals(value);
				default -> false;
			};
		});
	}

	private static PerMessageDeflate accept(Map<String, String> offered, Compression compression) {
		boolean inflateTakeover = compression.contextTakeover() && !offered.containsKey(CLIENT_NO_CONTEXT);
		boolean deflateTakeover = compression.contextTakeover() && !offered.containsKey(SERVER_NO_CONTEXT);
		StringBuilder answer = new StringBuilder(NAME);
		if (!deflateTakeover) {
			answer.append("; ").append(SERVER_NO_CONTEXT);
		}
		if (!inflateTakeover) {
			answer.append("; ").append(CLIENT_NO_CONTEXT);
		}
		if (offered.containsKey(SERVER_WINDOW)) {
			answer.append("; ").append(SERVER_WINDOW).append('=').append(WINDOW);
		}
		return new PerMessageDeflate(answer.toString(), inflateTakeover, deflateTakeover, compression.level(),
				compression.minSize());
	}

	/**
	 * What to offer to an upstream.
	 * @param compression what the pipeline allows
	 * @return the value of {@code Sec-WebSocket-Extensions}, or {@code null}
	 */
	static @Nullable String offer(Compression compression) {
		if (!compression.upstream()) {
			return null;
		}
		return compression.contextTakeover() ? NAME : NAME + "; " + CLIENT_NO_CONTEXT + "; " + SERVER_NO_CONTEXT;
	}

	/**
	 * Read an upstream's answer to the offer.
	 * @param headers the values of its {@code Sec-WebSocket-Extensions}, at least one
	 * @param compression what was offered
	 * @return what has been agreed upon, or {@code null} if the answer is none to it
	 */
	static @Nullable PerMessageDeflate agreed(List<String> headers, Compression compression) {
		List<WebSocketExtensionData> answers = parse(headers);
		if (!compression.upstream() || answers.size() != 1 || !isAnswer(answers.get(0))) {
			return null;
		}
		Map<String, String> parameters = answers.get(0).parameters();
		boolean inflateTakeover = !parameters.containsKey(SERVER_NO_CONTEXT);
		if (inflateTakeover && !compression.contextTakeover()) {
			// It was asked not to, and must say that it does not.
			return null;
		}
		boolean deflateTakeover = compression.contextTakeover() && !parameters.containsKey(CLIENT_NO_CONTEXT);
		return new PerMessageDeflate(String.join(", ", headers), inflateTakeover, deflateTakeover, compression.level(),
				compression.minSize());
	}

	private static boolean isAnswer(WebSocketExtensionData answer) {
		return NAME.equalsIgnoreCase(answer.name()) && answer.parameters().entrySet().stream().allMatch((parameter) -> {
			String value = parameter.getValue();
			if (NO_CONTEXT.contains(parameter.getKey())) {
				return value == null;
			}
			return SERVER_WINDOW.equals(parameter.getKey()) && value != null && isWindow(value);
		});
	}

	private static boolean isWindow(String value) {
		return value.matches("[89]|1[0-5]");
	}

	private static List<WebSocketExtensionData> parse(List<String> headers) {
		return headers.stream()
			.flatMap((header) -> Stream.of(header.split(",")))
			.filter((extension) -> !extension.isBlank())
			.flatMap((extension) -> parse(extension).stream())
			.toList();
	}

	private static List<WebSocketExtensionData> parse(String extension) {
		// Netty's parser fails on one that has no name.
		return extension.strip().startsWith(";") ? List.of(new WebSocketExtensionData("", Map.of()))
				: WebSocketExtensionUtil.extractExtensions(extension);
	}

}
