package dev.wspolicy.builtin.access;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.messaging.simp.stomp.StompHeaderAccessor;

/**
 * The headers of a STOMP frame that determine its end and its destination.
 *
 * @param values the header values by name
 */
record StompHeaders(Map<String, List<String>> values) {

	private static final String CONTENT_LENGTH = "content-length";

	private static final String DESTINATION = "destination";

	/** With this header, RabbitMQ subscribes to the queue of that name. */
	private static final String QUEUE_NAME = "x-queue-name";

	private static final Set<String> CHECKED = Set.of(CONTENT_LENGTH, DESTINATION, QUEUE_NAME);

	/** ASCII digits only: some parsers accept signs and spaces, or octal numbers. */
	private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,8}");

	private static final char REPLACEMENT = '\ufffd';

	static StompHeaders of(StompHeaderAccessor frame) {
		return new StompHeaders(frame.toNativeHeaderMap());
	}

	/**
	 * Returns whether two parsers could disagree about the end or the destination of the
	 * frame, because of repeated headers, spaces, case, control characters or malformed
	 * UTF-8.
	 */
	boolean areAmbiguous() {
		for (Map.Entry<String, List<String>> header : this.values.entrySet()) {
			if (isAlias(header.getKey()) || header.getValue().stream().anyMatch((value) -> value.indexOf('\0') >= 0)) {
				return true;
			}
		}
		List<String> length = this.values.getOrDefault(CONTENT_LENGTH, List.of());
		boolean oneLength = length.isEmpty() || (length.size() == 1 && LENGTH.matcher(length.get(0)).matches());
		return !oneLength || this.values.getOrDefault(QUEUE_NAME, List.of()).size() > 1
				|| Stream.of(DESTINATION, QUEUE_NAME)
					.flatMap((name) -> this.values.getOrDefault(name, List.of()).stream())
					.anyMatch(StompHeaders::isUnclear);
	}

	/** Returns the destination, or {@code null} if there is none or more than one. */
	@Nullable String destination() {
		List<String> destinations = this.values.getOrDefault(DESTINATION, List.of());
		return (destinations.size() == 1) ? destinations.get(0) : null;
	}

	/**
	 * Returns the queue of a subscription as a destination, or {@code null} if there is
	 * none.
	 */
	@Nullable String queue() {
		List<String> names = this.values.getOrDefault(QUEUE_NAME, List.of());
		return names.isEmpty() ? null : "/amq/queue/" + names.get(0);
	}

	/**
	 * Returns whether a lenient parser could mistake a name for that of a checked header.
	 */
	private static boolean isAlias(String name) {
		return hasOddCharacters(name) || CHECKED.stream()
			.anyMatch((checked) -> checked.equalsIgnoreCase(name.strip()) && !checked.equals(name));
	}

	private static boolean isUnclear(String destination) {
		return hasOddCharacters(destination) || !destination.strip().equals(destination);
	}

	private static boolean hasOddCharacters(String text) {
		return text.chars().anyMatch((character) -> Character.isISOControl(character) || character == REPLACEMENT);
	}

}
