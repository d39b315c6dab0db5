package dev.wspolicy.proving.fuzz;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.netty.EmbeddedSession;
import dev.wspolicy.netty.SteadyChannel;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.proving.fuzz.NettyOracle.TextRule;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

/**
 * Sends a stream through a session between two channels, in random pieces, and compares
 * what comes out, and what the sender is told, with what an independent decoder makes of
 * the same stream.
 *
 * @param seed decides about the pieces and the settings
 * @param sender the side that sends the stream
 * @param stream the bytes
 */
record RelayTrial(long seed, Side sender, byte[] stream) {

	private static final int[] LIMITS = { 125, 126, 1_000, 65_536, 80_000 };

	/**
	 * Compares.
	 * @return the difference, or {@code null} if there is none
	 */
	@Nullable String run() {
		String difference = run(false);
		// The relay decides as soon as it can, and the decoder when a frame is complete:
		// both must have got to the end of the last one.
		return (difference != null) ? run(true) : null;
	}

	private @Nullable String run(boolean completed) {
		Random random = new Random(this.seed);
		int limit = LIMITS[random.nextInt(LIMITS.length)];
		TransparentPolicy policy = TransparentPolicy.values()[random.nextInt(TransparentPolicy.values().length)];
		boolean always = random.nextInt(100) < 40;
		TextRule readRule = (policy == TransparentPolicy.READ) ? TextRule.MESSAGE : TextRule.NEVER;
		TextRule rule = always ? TextRule.FRAME : readRule;
		int padding = completed ? limit + 14 : 0;
		byte[] padded = Arrays.copyOf(this.stream, this.stream.length + padding);
		try (NettyOracle oracle = new NettyOracle(this.sender == Side.CLIENT, limit, rule)) {
			oracle.read(padded);
			return run(random, padded, limit, policy, rule, oracle.reading());
		}
	}

	/**
	 * Compares with what another decoder has made of the stream. Policies read all text,
	 * and nothing is limited.
	 * @param expected what it has made of it
	 * @return the difference, or {@code null} if there is none
	 */
	@Nullable String runAgainst(Reading expected) {
		return run(new Random(this.seed), this.stream, Integer.MAX_VALUE, TransparentPolicy.READ, TextRule.MESSAGE,
				expected);
	}

	private @Nullable String run(Random random, byte[] bytes, int limit, TransparentPolicy policy, TextRule rule,
			Reading expected) {
		Utf8Validation validation = (rule == TextRule.FRAME) ? Utf8Validation.ALWAYS : Utf8Validation.WHEN_READ;
		Pieces pieces = new Pieces(random, bytes);
		EmbeddedSession.Builder builder = EmbeddedSession.builder()
			.channels(new SteadyChannel(pieces), new SteadyChannel(pieces))
			.limits(new Limits(limit, Long.MAX_VALUE, Long.MAX_VALUE))
			.budget(new TurnBudget(1 + random.nextInt(50), 1 + random.nextInt(100_000), 65_536))
			.framing(new WireOptions(random.nextBoolean() ? Masking.REMASK : Masking.PRESERVE, validation,
					WireOptions.DEFAULT.compression()));
		List<PolicyBinding> policies = policy.bindings();
		EmbeddedSession session = ((this.sender == Side.CLIENT) ? builder.inbound(policies)
				: builder.outbound(policies))
			.open();
		try (session) {
			pieces.send(session, this.sender);
			while (session.channel(Side.CLIENT).hasPendingTasks() || session.channel(Side.UPSTREAM).hasPendingTasks()) {
				session.runTasks();
			}
			Reading relayed = readingOf(this.sender.peer(), session.written(this.sender.peer()));
			Reading told = readingOf(this.sender, session.written(this.sender));
			return compare(relayed, told, !session.channel(this.sender.peer()).isOpen(), expected,
					" with limit " + limit + ", text " + rule);
		}
	}

	/**
	 * Compares what came out with what an independent decoder makes of the stream.
	 * @param relayed what the other peer was sent
	 * @param told what the sender was sent
	 * @param reset whether the other peer's connection was reset
	 * @param expected what the decoder makes of the stream
	 * @param as what the failure is to be described as
	 * @return the difference, or {@code null} if there is none
	 */
	@Nullable String compare(Reading relayed, Reading told, boolean reset, Reading expected, String as) {
		String where = " for the stream " + expected + as;
		if (relayed.error != 0 || told.error != 0 || !told.items().isEmpty()) {
			return "invalid: " + relayed + " and " + told + where;
		}
		if (!relayed.items().equals(expected.items())) {
			return "relayed: " + relayed + where;
		}
		if (expected.error == 1007 && told.close == 0 && relayed.close != 0) {
			// Netty refuses a reason that was cut within a character.
			return isReasonCut() ? null : "closed: " + relayed + where;
		}
		boolean either = expected.alternative != 0 && told.close == expected.alternative;
		if (told.close != expected.error && !either) {
			return "told: " + told + where;
		}
		int close = (expected.error == 0) ? expected.close
				: (this.sender == Side.CLIENT || told.close == 1009) ? 1001 : 1011;
		boolean cut = expected.error == 1007 && relayed.close == 0 && reset;
		return (relayed.close == close || cut) ? null : "closed: " + relayed + where;
	}

	/** Leaves a part of the stream out. */
	RelayTrial without(int from, int length) {
		byte[] rest = Arrays.copyOf(this.stream, this.stream.length - length);
		System.arraycopy(this.stream, from + length, rest, from, rest.length - from);
		return new RelayTrial(this.seed, this.sender, rest);
	}

	private boolean isReasonCut() {
		ByteArrayInputStream input = new ByteArrayInputStream(this.stream);
		try {
			WireFrame frame = WireFrame.read(input);
			while (frame.opcode() != WireFrame.CLOSE) {
				frame = WireFrame.read(input);
			}
			ByteBuffer reason = ByteBuffer.wrap(frame.payload(), 2, frame.payload().length - 2);
			CoderResult result = StandardCharsets.UTF_8.newDecoder()
				.decode(reason, CharBuffer.allocate(reason.remaining()), false);
			return !result.isError() && reason.hasRemaining();
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static Reading readingOf(Side receiver, byte[] bytes) {
		try (NettyOracle decoder = new NettyOracle(receiver == Side.UPSTREAM, Integer.MAX_VALUE, TextRule.NEVER)) {
			decoder.read(bytes);
			return decoder.reading();
		}
	}

	@Override
	public String toString() {
		return "seed " + this.seed + ", " + this.sender + " sends " + HexFormat.of().formatHex(this.stream);
	}

}
