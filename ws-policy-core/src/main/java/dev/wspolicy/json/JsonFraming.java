package dev.wspolicy.json;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameView;

/**
 * The framing of JSON in messages.
 */
public enum JsonFraming {

	/**
	 * Each message is one JSON text.
	 */
	JSON {

		@Override
		@Nullable JsonParts read(Frame frame, Direction direction) {
			// The tree is shared with policies that do not use framings
			return JsonParts.of(JsonMessage.of(frame).tree());
		}

	},

	/**
	 * A message is any number of JSON texts, each terminated by the character 0x1E, as in
	 * SignalR.
	 */
	RECORDS {

		@Override
		@Nullable JsonParts read(String text, Direction direction) {
			return FramingReader.records(text);
		}

	},

	/**
	 * A message is any number of JSON texts, one on each line; lines may be empty.
	 */
	LINES {

		@Override
		@Nullable JsonParts read(String text, Direction direction) {
			return FramingReader.lines(text);
		}

	},

	/**
	 * A message is an Engine.IO packet, which may contain a Socket.IO packet.
	 */
	SOCKET_IO {

		@Override
		@Nullable JsonParts read(String text, Direction direction) {
			return FramingReader.socketIo(text);
		}

	},

	/**
	 * A message is a SockJS frame, which contains JSON texts as JSON strings.
	 */
	SOCKJS {

		@Override
		@Nullable JsonParts read(String text, Direction direction) {
			return FramingReader.sockJs(text, direction);
		}

	};

	private final FrameView<Result> inbound = (frame) -> new Result(read(frame, Direction.INBOUND));

	private final FrameView<Result> outbound = (frame) -> new Result(read(frame, Direction.OUTBOUND));

	/**
	 * Parses a message, once for all policies that use this framing.
	 * @param frame a text message, or a binary message that contains UTF-8
	 * @param direction the direction of the message
	 * @return the JSON parts of the message, possibly none; {@code null} if the framing
	 * or the JSON is malformed
	 */
	public @Nullable JsonParts of(Frame frame, Direction direction) {
		return frame.view(view(direction)).parts();
	}

	FrameView<Result> view(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inbound : this.outbound;
	}

	@Nullable JsonParts read(Frame frame, Direction direction) {
		String text = JsonMessage.text(frame);
		return (text != null) ? read(text, direction) : null;
	}

	@Nullable JsonParts read(String text, Direction direction) {
		throw new IllegalStateException(name());
	}

	/**
	 * The result of a view, which must not be {@code null}.
	 *
	 * @param parts the parts, or {@code null} if the message is malformed
	 */
	record Result(@Nullable JsonParts parts) {

	}

}
