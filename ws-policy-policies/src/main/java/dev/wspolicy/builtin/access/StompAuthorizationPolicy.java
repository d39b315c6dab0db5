package dev.wspolicy.builtin.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
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

import dev.wspolicy.builtin.support.EventLoopGuard;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.Side;

/**
 * Restricts who may send and subscribe to which destinations of a STOMP broker
 * (<a href="https://stomp.github.io/stomp-specification-1.2.html">STOMP 1.2</a>). Refuses
 * frames that can be parsed in more than one way.
 */
@WsPolicy(direction = Direction.INBOUND)
final class StompAuthorizationPolicy implements FramePolicy {

	static final String NAME = "stomp-authorization";

	private static final Set<String> SUBPROTOCOLS = Set.of("v10.stomp", "v11.stomp", "v12.stomp");

	/** The client commands with a destination. */
	private static final Set<StompCommand> DESTINATION_COMMANDS = EnumSet.of(StompCommand.SEND, StompCommand.SUBSCRIBE);

	/** The other client commands. */
	private static final Set<StompCommand> OTHER_COMMANDS = EnumSet.of(StompCommand.STOMP, StompCommand.CONNECT,
			StompCommand.UNSUBSCRIBE, StompCommand.ACK, StompCommand.NACK, StompCommand.BEGIN, StompCommand.COMMIT,
			StompCommand.ABORT, StompCommand.DISCONNECT);

	/** Many small frames take half a millisecond per KiB. */
	private static final int SHORT = 8 * 1024;

	private static final Verdict CLOSE = Verdict.closeSender(CloseStatus.POLICY_VIOLATION);

	private final StompDecoder decoder = new StompDecoder();

	private final StompEncoder encoder = new StompEncoder();

	private final SubprotocolRule subprotocols;

	private final List<AccessRule<Destinations>> rules;

	private final OnDenied onDenied;

	StompAuthorizationPolicy(Settings settings, @Nullable PrincipalAuthorities authorities) {
		if (settings.rules().isEmpty()) {
			throw new IllegalArgumentException("rules: none (expected: one or more)");
		}
		this.subprotocols = new SubprotocolRule(SUBPROTOCOLS, settings.otherSubprotocols());
		this.onDenied = settings.onDenied();
		this.rules = settings.rules().stream().map((rule) -> rule(rule, authorities)).toList();
	}

	private static AccessRule<Destinations> rule(Rule rule, @Nullable PrincipalAuthorities authorities) {
		if (!DESTINATION_COMMANDS.containsAll(rule.commands()) || rule.commands().isEmpty()) {
			throw new IllegalArgumentException("commands: " + rule.commands() + " (expected: SEND, SUBSCRIBE or both)");
		}
		if (rule.destinations().isEmpty()) {
			throw new IllegalArgumentException("destinations: none (expected: one or more, ** for all)");
		}
		List<DestinationPattern> patterns = rule.destinations().stream().map(DestinationPattern::of).toList();
		return new AccessRule<>(new Destinations(Set.copyOf(rule.commands()), patterns),
				RequiredAuthorities.of(rule.authorities(), rule.roles(), authorities));
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		return (context.direction() == Direction.INBOUND && this.subprotocols.appliesTo(context))
				? EventLoopGuard.evaluate(frame, SHORT, () -> evaluate(frame, context)) : Verdict.forward();
	}

	private Verdict evaluate(Frame frame, FrameContext context) {
		boolean sockJs = frame instanceof TextFrame message && SockJsMessage.is(message.text());
		List<StompHeaderAccessor> frames = sockJs ? decodeAll(SockJsMessage.read(frame)) : decode(frame.payload());
		if (frames == null) {
			return deny(context, sockJs, null, "The message does not consist of complete STOMP frames");
		}
		for (StompHeaderAccessor stomp : frames) {
			String problem = problem(stomp, context);
			if (problem != null) {
				return deny(context, sockJs, stomp.getReceipt(), problem);
			}
		}
		return Verdict.forward();
	}

	/**
	 * Returns the frames of several messages, or {@code null} if one contains an
	 * incomplete frame.
	 */
	private @Nullable List<StompHeaderAccessor> decodeAll(@Nullable List<String> messages) {
		if (messages == null) {
			return null;
		}
		List<StompHeaderAccessor> frames = new ArrayList<>();
		for (String message : messages) {
			List<StompHeaderAccessor> more = decode(ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)));
			if (more == null) {
				return null;
			}
			frames.addAll(more);
		}
		return frames;
	}

	/** Returns the frames of a message, or {@code null} if one is incomplete. */
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

	/** Returns why a frame is refused, or {@code null} if it may pass. */
	private @Nullable String problem(StompHeaderAccessor stomp, FrameContext context) {
		StompCommand command = stomp.getCommand();
		if (command == null) {
			// A heartbeat
			return null;
		}
		if (!OTHER_COMMANDS.contains(command) && !DESTINATION_COMMANDS.contains(command)) {
			return "A client may not send " + command;
		}
		StompHeaders headers = StompHeaders.of(stomp);
		if (headers.areAmbiguous()) {
			return "The headers can be read in more than one way";
		}
		if (OTHER_COMMANDS.contains(command)) {
			return null;
		}
		String destination = headers.destination();
		if (destination == null) {
			return command + " needs one destination";
		}
		Principal principal = context.session().principal();
		String queue = (command == StompCommand.SUBSCRIBE) ? headers.queue() : null;
		boolean allowed = isAllowed(command, destination, principal)
				&& (queue == null || isAllowed(command, queue, principal));
		return allowed ? null : "Access denied";
	}

	private boolean isAllowed(StompCommand command, String destination, @Nullable Principal principal) {
		if (DestinationPattern.isPlain(destination)) {
			return AccessRule.allows(this.rules, (rule) -> rule.contain(command, destination), principal);
		}
		// The broker may also take it for a destination of a rule above the one that
		// matches
		for (AccessRule<Destinations> rule : this.rules) {
			if (rule.target().commands().contains(command)) {
				if (!rule.required().isMetBy(principal)) {
					return false;
				}
				if (rule.target().contain(command, destination)) {
					return true;
				}
			}
		}
		return false;
	}

	private Verdict deny(FrameContext context, boolean sockJs, @Nullable String receipt, String problem) {
		if (this.onDenied == OnDenied.DROP) {
			return Verdict.drop();
		}
		StompHeaderAccessor error = StompHeaderAccessor.create(StompCommand.ERROR);
		error.setMessage(problem);
		if (receipt != null) {
			error.setReceiptId(receipt);
		}
		MessageHeaders headers = error.getMessageHeaders();
		String encoded = new String(this.encoder.encode(headers, new byte[0]), StandardCharsets.UTF_8);
		context.session().send(Side.CLIENT, TextFrame.of(sockJs ? SockJsMessage.write(encoded) : encoded));
		// STOMP 1.2, "ERROR": the server closes the connection after an ERROR frame
		return CLOSE;
	}

	/**
	 * What to do with a message that is denied.
	 */
	enum OnDenied {

		/**
		 * Send an ERROR frame to the client and close the session.
		 */
		ERROR,

		/**
		 * Drop the message.
		 */
		DROP

	}

	/**
	 * Commands and the destinations that they refer to.
	 *
	 * @param commands the commands
	 * @param patterns the patterns of the destinations
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
	 * @param commands the commands that the rule applies to
	 * @param destinations the patterns of the destinations that the rule applies to
	 * @param authorities the authorities of which the principal needs one
	 * @param roles the roles of which the principal needs one
	 */
	record Rule(@DefaultValue("SEND,SUBSCRIBE") Set<StompCommand> commands, @DefaultValue List<String> destinations,
			@DefaultValue List<String> authorities, @DefaultValue List<String> roles) {

	}

	/**
	 * The settings.
	 *
	 * @param rules the rules, of which the first that matches decides; frames that match
	 * none are refused
	 * @param onDenied what to do with a message that is denied
	 * @param otherSubprotocols how to treat sessions with another subprotocol
	 */
	record Settings(@DefaultValue @NotEmpty List<Rule> rules, @DefaultValue("error") OnDenied onDenied,
			@DefaultValue("judge") SubprotocolRule.Others otherSubprotocols) {

	}

}
