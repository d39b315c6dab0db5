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
 * @param inflateWindow the window of the peer's messages as a power of two, 9 to 15
 * @param deflateWindow the window of messages to the peer as a power of two, 9 to 15
 * @param memLevel how much memory the compression of a message may take besides, 5 to 9
 */
public record PerMessageDeflate(String answer, boolean inflateTakeover, boolean deflateTakeover, int level,
		long minSize, int inflateWindow, int deflateWindow, int memLevel) {

	/** The window that is agreed upon unless the peers say otherwise. */
	static final int MAX_WINDOW = Compression.DEFAULT_WINDOW_BITS;

	/** Zlib accepts 8, too, but then uses 9. */
	private static final int MIN_WINDOW = 9;

	private static final String NAME = "permessage-deflate";

	private static final String CLIENT_NO_CONTEXT = "client_no_context_takeover";

	private static final String SERVER_NO_CONTEXT = "server_no_context_takeover";

	private static final String CLIENT_WINDOW = "client_max_window_bits";

	private static final String SERVER_WINDOW = "server_max_window_bits";

	private static final Set<String> NO_CONTEXT = Set.of(CLIENT_NO_CONTEXT, SERVER_NO_CONTEXT);

	/**
	 * Creates an agreement upon windows of 32 KB.
	 * @param answer the value of {@code Sec-WebSocket-Extensions} in the 101
	 * @param inflateTakeover whether the peer's messages may refer to earlier ones
	 * @param deflateTakeover whether messages to the peer may refer to earlier ones
	 * @param level the compression level
	 * @param minSize the length in bytes below which messages are not compressed
	 */
	public PerMessageDeflate(String answer, boolean inflateTakeover, boolean deflateTakeover, int level, long minSize) {
		this(answer, inflateTakeover, deflateTakeover, level, minSize, MAX_WINDOW, MAX_WINDOW,
				Compression.DEFAULT_MEM_LEVEL);
	}

	/**
	 * Whether there is a library for windows and memory levels that the JDK's deflater
	 * does not support.
	 * @return {@code true} if JZlib is on the class path
	 */
	public static boolean supportsSmallWindows() {
		return Zlib.JZLIB;
	}

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
				case SERVER_WINDOW -> value != null && isWindow(value) && canDeflate(window(value));
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
		int deflateWindow = Math.min(compression.windowBits(), window(offered.get(SERVER_WINDOW)));
		if (offered.containsKey(SERVER_WINDOW) || deflateWindow < MAX_WINDOW) {
			answer.append("; ").append(SERVER_WINDOW).append('=').append(deflateWindow);
		}
		int inflateWindow = MAX_WINDOW;
		// Only a client that says so can be limited.
		if (compression.windowBits() < MAX_WINDOW && offered.containsKey(CLIENT_WINDOW)) {
			inflateWindow = Math.min(compression.windowBits(), window(offered.get(CLIENT_WINDOW)));
			answer.append("; ").append(CLIENT_WINDOW).append('=').append(inflateWindow);
		}
		return new PerMessageDeflate(answer.toString(), inflateTakeover, deflateTakeover, compression.level(),
				compression.minSize(), Math.max(MIN_WINDOW, inflateWindow), deflateWindow, compression.memLevel());
	}

	/** The JDK's deflater supports one window only; its inflater reads any. */
	private static boolean canDeflate(int window) {
		return window == MAX_WINDOW || (Zlib.JZLIB && window >= MIN_WINDOW);
	}

	private static int window(@Nullable String value) {
		return (value != null) ? Integer.parseInt(value) : MAX_WINDOW;
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
		String offer = compression.contextTakeover() ? NAME
				: NAME + "; " + CLIENT_NO_CONTEXT + "; " + SERVER_NO_CONTEXT;
		int window = compression.windowBits();
		// The second offer is for upstreams that cannot limit their window.
		return (window == MAX_WINDOW) ? offer
				: offer + "; " + SERVER_WINDOW + "=" + window + "; " + CLIENT_WINDOW + "=" + window + ", " + offer;
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
		if (!compression.upstream() || answers.size() != 1 || !isAnswer(answers.get(0), compression.windowBits())) {
			return null;
		}
		Map<String, String> parameters = answers.get(0).parameters();
		boolean inflateTakeover = !parameters.containsKey(SERVER_NO_CONTEXT);
		if (inflateTakeover && !compression.contextTakeover()) {
			// It was asked not to use context takeover, and must confirm that.
			return null;
		}
		boolean deflateTakeover = compression.contextTakeover() && !parameters.containsKey(CLIENT_NO_CONTEXT);
		int ours = compression.windowBits();
		int inflateWindow = (ours < MAX_WINDOW) ? window(parameters.get(SERVER_WINDOW)) : MAX_WINDOW;
		return new PerMessageDeflate(String.join(", ", headers), inflateTakeover, deflateTakeover, compression.level(),
				compression.minSize(), Math.max(MIN_WINDOW, inflateWindow),
				Math.min(ours, window(parameters.get(CLIENT_WINDOW))), compression.memLevel());
	}

	private static boolean isAnswer(WebSocketExtensionData answer, int offeredWindow) {
		return NAME.equalsIgnoreCase(answer.name()) && answer.parameters().entrySet().stream().allMatch((parameter) -> {
			String value = parameter.getValue();
			if (NO_CONTEXT.contains(parameter.getKey())) {
				return value == null;
			}
			if (value == null || !isWindow(value)) {
				return false;
			}
			return switch (parameter.getKey()) {
				case SERVER_WINDOW -> true;
				// It was offered with a smaller window only.
				case CLIENT_WINDOW ->
					offeredWindow < MAX_WINDOW && window(value) >= MIN_WINDOW && window(value) <= offeredWindow;
				default -> false;
			};
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
