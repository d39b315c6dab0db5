package dev.wspolicy.policies.stomp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import jakarta.validation.constraints.NotEmpty;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.simp.stomp.StompCommand;
import org.springframework.messaging.simp.stomp.StompConversionException;
import org.springframework.messaging.simp.stomp.StompDecoder;
import org.springframework.messaging.simp.stomp.StompEncoder;
import org.springframework.messaging.simp.stomp.StompHeaderAccessor;
import org.springframework.messaging.support.MessageHeaderAccessor;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policies.AccessRule;
import dev.wspolicy.policies.Permission;
import dev.wspolicy.policies.PrincipalAuthorities;
import dev.wspolicy.policies.SubprotocolRule;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.Side;

/**
 * Says who may send to and subscribe to which destinations of a STOMP broker
 * (<a href="https://stomp.github.io/stomp-specification-1.2.html">STOMP 1.2</a>). What
 * cannot be read in one way only is refused.
 */
@WsPolicy
final class StompAuthorization implements FramePolicy {

	static final String NAME = "stomp-authorization";

	private static final Set<String> SUBPROTOCOLS = Set.of("v10.stomp", "v11.stomp", "v12.stomp");

	/** The commands of a client that name a destination. */
	private static final Set<StompCommand> RULED = EnumSet.of(StompCommand.SEND, StompCommand.SUBSCRIBE);

	/** What else a client may say. */
	private static final Set<StompCommand> FREE = EnumSet.of(StompCommand.STOMP, StompCommand.CONNECT,
			StompCommand.UNSUBSCRIBE, StompCommand.ACK, StompCommand.NACK, StompCommand.BEGIN, StompCommand.COMMIT,
			StompCommand.ABORT, StompCommand.DISCONNECT);

	private static final Verdict CLOSE = Verdict.close(CloseStatus.POLICY_VIOLATION, CloseStatus.GOING_AWAY);

	private final StompDecoder decoder = new StompDecoder();

	private final StompEncoder encoder = new StompEncoder();

	private final SubprotocolRule subprotocols;

	private final List<AccessRule<Destinations>> rules;

	private final OnDenied onDenied;

	StompAuthorization(Settings settings, @Nullable PrincipalAuthorities authorities) {
		if (settings.rules().isEmpty()) {
			throw new IllegalArgumentException("rules: none (expected: one or more)");
		}
		this.subprotocols = new SubprotocolRule(SUBPROTOCOLS, settings.otherSubprotocols());
		this.onDenied = settings.onDenied();
		this.rules = settings.rules().stream().map((rule) -> rule(rule, authorities)).toList();
	}

	private static AccessRule<Destinations> rule(Rule rule, @Nullable PrincipalAuthorities authorities) {
		if (!RULED.containsAll(rule.commands()) || rule.commands().isEmpty()) {
			throw new IllegalArgumentException("commands: " + rule.commands() + " (expected: SEND, SUBSCRIBE or both)");
		}
		if (rule.destinations().isEmpty()) {
			throw new IllegalArgumentException("destinations: none (expected: one or more, ** for all)");
		}
		List<DestinationPattern> patterns = rule.destinations().stream().map(DestinationPattern::of).toList();
		return new AccessRule<>(new Destinations(Set.copyOf(rule.commands()), patterns),
				Permission.of(rule.authorities(), rule.roles(), authorities));
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		if (context.direction() != Direction.INBOUND || !this.subprotocols.judges(context)) {
			return Verdict.forward();
		}
		List<StompHeaderAccessor> frames = decode(frame.payload());
		if (frames == null) {
			return deny(context, null, "The message is not made of whole STOMP frames");
		}
		for (StompHeaderAccessor stomp : frames) {
			String problem = problem(stomp, context);
			if (problem != null) {
				return deny(context, stomp.getReceipt(), problem);
			}
		}
		return Verdict.forward();
	}

	/** The frames of a message, or null if it has more or less than whole ones. */
	private @Nullable List<StompHeaderAccessor> decode(ByteBuffer payload) {
		List<StompHeaderAccessor> frames = new ArrayList<>(1);
		try {
			for (Message<byte[]> message : this.decoder.decode(payload)) {
				StompHeaderAccessor stomp = MessageHeaderAccessor.getAccessor(message, StompHeaderAccessor.class);
				if (stomp == null) {
					return null;
				}
				frames.add(stomp);
			}
		}
		catch (StompConversionException | IllegalArgumentException ex) {
			return null;
		}
		return payload.hasRemaining() ? null : frames;
	}

	/** What is wrong with a frame, or null if it may pass. */
	private @Nullable String problem(StompHeaderAccessor stomp, FrameContext context) {
		StompCommand command = stomp.getCommand();
		if (command == null || FREE.contains(command)) {
			// Without a command it is a heartbeat.
			return null;
		}
		if (!RULED.contains(command)) {
			return "A client may not send " + command;
		}
		List<String> destinations = stomp.getNativeHeader("destination");
		if (destinations == null || destinations.size() != 1) {
			return command + " needs one destination";
		}
		String destination = destinations.get(0);
		boolean allowed = AccessRule.allows(this.rules, (rule) -> rule.contain(command, destination),
				context.session().principal());
		return allowed ? null : "Access denied";
	}

	private Verdict deny(FrameContext context, @Nullable String receipt, String problem) {
		if (this.onDenied == OnDenied.DROP) {
			return Verdict.drop();
		}
		StompHeaderAccessor error = StompHeaderAccessor.create(StompCommand.ERROR);
		error.setMessage(problem);
		if (receipt != null) {
			error.setReceiptId(receipt);
		}
		MessageHeaders headers = error.getMessageHeaders();
		byte[] encoded = this.encoder.encode(headers, new byte[0]);
		context.session().send(Side.CLIENT, TextFrame.of(new String(encoded, StandardCharsets.UTF_8)));
		// The server must close the connection after it has sent an ERROR frame.
		return CLOSE;
	}

	/**
	 * What becomes of a message that is not allowed.
	 */
	enum OnDenied {

		/**
		 * The client gets an ERROR frame and the session is closed.
		 */
		ERROR,

		/**
		 * It is swallowed.
		 */
		DROP

	}

	/**
	 * Commands on destinations.
	 *
	 * @param commands the commands
	 * @param patterns the destinations
	 */
	private record Destinations(Set<StompCommand> commands, List<DestinationPattern> patterns) {

		boolean contain(StompCommand command, String destination) {
			return this.commands.contains(command)
					&& this.patterns.stream().anyMatch((pattern) -> pattern.matches(destination));
		}

	}

	/**
	 * A rule.
	 *
	 * @param commands the commands it speaks of
	 * @param destinations patterns of the destinations it speaks of
	 * @param authorities authorities of which one is enough
	 * @param roles roles of which one is enough
	 */
	record Rule(@DefaultValue("SEND,SUBSCRIBE") Set<StompCommand> commands, @DefaultValue List<String> destinations,
			@DefaultValue List<String> authorities, @DefaultValue List<String> roles) {

	}

	/**
	 * The settings.
	 *
	 * @param rules who may do what; the first that fits decides, and what none fits is
	 * not allowed
	 * @param onDenied what becomes of what is not allowed
	 * @param otherSubprotocols what becomes of sessions that speak something else
	 */
	record Settings(@DefaultValue @NotEmpty List<Rule> rules, @DefaultValue("error") OnDenied onDenied,
			@DefaultValue("judge") SubprotocolRule.Others otherSubprotocols) {

	}

}
