package dev.wspolicy.recording;

import java.security.Principal;
import java.time.Instant;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;

/**
 * One line of a recording. None of them has a header, a cookie, a query or an address.
 */
public sealed interface RecordingEntry {

	/**
	 * A recording begins. The first line of a recording; a file with several recordings
	 * has one for each.
	 *
	 * @param version the version of the format
	 * @param source what has made the recording
	 * @param time when it began
	 * @param sample the fraction of frames that is recorded, chosen at random
	 */
	record Begin(int version, String source, Instant time, double sample) implements RecordingEntry {

	}

	/**
	 * A session opens, or is recorded from now on.
	 *
	 * @param session the id of the session
	 * @param openedAt when the session opened
	 * @param path the requested path, without the query and without path parameters
	 * @param route the id of the route
	 * @param pipeline the name of the pipeline
	 * @param subprotocol the subprotocol, {@link #WITHHELD} if it may be a token, or
	 * {@code null} if there is none
	 * @param principal the name of the principal, or {@code null} if there is none or it
	 * may not be recorded
	 */
	record Open(String session, Instant openedAt, String path, String route, String pipeline,
			@Nullable String subprotocol, @Nullable String principal) implements RecordingEntry {

		/**
		 * Stands for a subprotocol that may be a token: browsers have no other place for
		 * one.
		 */
		public static final String WITHHELD = "******";

		/**
		 * Creates the entry for a session.
		 * @param session the session
		 * @param withPrincipal whether to record the name of its principal
		 * @param knownSubprotocols tells subprotocols from tokens
		 * @return the entry
		 */
		public static Open of(ProxiedSession session, boolean withPrincipal, Predicate<String> knownSubprotocols) {
			UpgradeContext upgrade = session.upgrade();
			Principal principal = withPrincipal ? session.principal() : null;
			String subprotocol = upgrade.subprotocol();
			boolean known = subprotocol == null || knownSubprotocols.test(subprotocol);
			return new Open(session.id(), session.openedAt(), withoutParameters(upgrade.path()), upgrade.routeId(),
					session.pipeline(), known ? subprotocol : WITHHELD,
					(principal != null) ? principal.getName() : null);
		}

		/**
		 * Parameters of a path segment, such as {@code ;jsessionid=...}, may be secrets.
		 */
		private static String withoutParameters(String path) {
			return path.replaceAll(";[^/]*", "");
		}

	}

	/**
	 * A whole message, a fragment or a control frame.
	 *
	 * @param session the id of the session
	 * @param direction where it travels
	 * @param origin who has created it
	 * @param type its type
	 * @param fin whether it ends its message
	 * @param time when it had arrived
	 * @param length the length of its payload in bytes
	 * @param payload as much of the payload as may be recorded, or {@code null} if
	 * payloads are not recorded. For a close frame, the code and the reason
	 */
	record Message(String session, Direction direction, Origin origin, FrameType type, boolean fin, Instant time,
			long length, @Nullable Excerpt payload) implements RecordingEntry {

	}

	/**
	 * Something has not been recorded since the last line.
	 *
	 * @param count the number of missing lines
	 */
	record Dropped(long count) implements RecordingEntry {

	}

	/**
	 * A session has ended.
	 *
	 * @param session the id of the session
	 * @param time when it ended
	 * @param initiator who ended it
	 * @param cause why it ended
	 * @param fromClient the close code from the client, or {@code null} if there is none
	 * @param toClient the close code to the client, or {@code null} if there is none
	 * @param fromUpstream the close code from the upstream, or {@code null} if there is
	 * none
	 * @param toUpstream the close code to the upstream, or {@code null} if there is none
	 * @param policy the name of the policy that ended it, or {@code null} if none did
	 */
	record Close(String session, Instant time, Termination.Initiator initiator, Termination.Cause cause,
			@Nullable Integer fromClient, @Nullable Integer toClient, @Nullable Integer fromUpstream,
			@Nullable Integer toUpstream, @Nullable String policy) implements RecordingEntry {

		/**
		 * Creates the entry for a session.
		 * @param session the id of the session
		 * @param termination how it has ended
		 * @return the entry, with the current time
		 */
		public static Close of(String session, Termination termination) {
			return new Close(session, Instant.now(), termination.initiator(), termination.cause(),
					code(termination.fromClient()), code(termination.toClient()), code(termination.fromUpstream()),
					code(termination.toUpstream()), termination.policy());
		}

		private static @Nullable Integer code(@Nullable CloseStatus status) {
			return (status != null) ? status.code() : null;
		}

	}

	/**
	 * The recording ends. Missing if whatever made it was interrupted.
	 *
	 * @param reason why it ends
	 */
	record End(String reason) implements RecordingEntry {

	}

}
