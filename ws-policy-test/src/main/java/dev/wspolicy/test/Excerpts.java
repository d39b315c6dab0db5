package dev.wspolicy.test;

import java.util.List;
import java.util.stream.Collectors;

import dev.wspolicy.frame.FrameType;

/**
 * What a report shows of payloads.
 */
final class Excerpts {

	private Excerpts() {
	}

	/** Returns the beginning of each payload, as text. */
	static String of(List<byte[]> payloads) {
		return payloads.stream()
			.map((payload) -> new WireFrame(FrameType.TEXT, true, payload).describe().substring("text ".length()))
			.collect(Collectors.joining(", "));
	}

}
