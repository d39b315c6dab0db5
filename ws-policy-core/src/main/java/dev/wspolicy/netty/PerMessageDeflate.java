package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionUtil;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.Compression;

/**
 * What has been agreed with one peer about the compression of its leg
 * (<a href="https://www.rfc-editor.org/rfc/rfc7692#section-7">RFC 7692, section 7</a>).
 * Netty's negotiation declines offers that the RFC allows, and accepts some that it
 * forbids, so only its parser is used.
 *
 * @param answer the value of {@code Sec-WebSocket-Extensions} in the 101
 * @param inflateTakeover whether the peer's messages may refer to earlier ones
 * @param deflateTakeover whether messages to the peer may refer to earlier ones
 * @param level the compression level
 * @param minSize the length in bytes below which messages are not compressed
 */
public record PerMessageDeflate(String answer, boolean inflateTakeover, boolean deflateTakeover, int level,
		long minSize) {

	private static final String NAME = "permessage-deflate";

	private static final String CLIENT_NO_CONTEXT = "client_no_context_takeover";

	private static final String SERVER_NO_CONTEXT = "server_no_context_takeover";

	private static final String CLIENT_WINDOW = "client_max_window_bits";

	private static final String SERVER_WINDOW = "server_max_window_bits";

	private static final Set<String> NO_CONTEXT = Set.of(CLIENT_NO_CONTEXT, SERVER_NO_CONTEXT);

	// The JDK's deflater supports this window only; its inflater reads any.
	private static final String WINDOW = "15";

	/**
	 * Chooses from the offers of a client.
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
	 * Returns the offer to an upstream.
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
	 * Reads an upstream's answer to the offer.
	 * @param headers the values of its {@code Sec-WebSocket-Extensions}, at least one
	 * @param compression what was offered
	 * @return what has been agreed, or {@code null} if the answer does not match the
	 * offer
	 */
	static @Nullable PerMessageDeflate agreed(List<String> headers, Compression compression) {
		List<WebSocketExtensionData> answers = parse(headers);
		if (!compression.upstream() || answers.size() != 1 || !isAnswer(answers.get(0))) {
			return null;
		}
		Map<String, String> parameters = answers.get(0).parameters();
		boolean inflateTakeover = !parameters.containsKey(SERVER_NO_CONTEXT);
		if (inflateTakeover && !compression.contextTakeover()) {
			// It was asked not to use context takeover, and must confirm that.
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
			.flatMap((header) -> parts(header, ',').stream())
			.filter((extension) -> !extension.isBlank())
			.map(PerMessageDeflate::parse)
			.toList();
	}

	/** Parses one extension; a malformed one gets an empty name, which matches none. */
	private static WebSocketExtensionData parse(String extension) {
		// Netty's parser fails on an extension without a name, and keeps only the last of
		// parameters that are repeated.
		List<WebSocketExtensionData> parsed = extension.strip().startsWith(";") ? List.of()
				: WebSocketExtensionUtil.extractExtensions(extension);
		long written = parts(extension, ';').stream().skip(1).filter((parameter) -> !parameter.isBlank()).count();
		return (parsed.size() == 1 && parsed.get(0).parameters().size() == written) ? parsed.get(0)
				: new WebSocketExtensionData("", Map.of());
	}

	/** Splits a text at a separator, but not within quotation marks. */
	private static List<String> parts(String text, char separator) {
		List<String> parts = new ArrayList<>();
		boolean quoted = false;
		int start = 0;
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if (quoted && character == '\\') {
				i++;
			}
			else if (character == '"') {
				quoted = !quoted;
			}
			else if (character == separator && !quoted) {
				parts.add(text.substring(start, i));
				start = i + 1;
			}
		}
		parts.add(text.substring(start));
		return parts;
	}

}
