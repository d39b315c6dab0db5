package dev.wspolicy.proving.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.netty.EmbeddedSession;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.netty.PerMessageDeflate;
import dev.wspolicy.netty.SteadyChannel;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

/**
 * Sends compressed messages through a session between two channels, in random pieces, and
 * compares what comes out, and what the sender is told, with what an inflater makes of
 * them that is not zlib. Afterwards the session must have ended and given back all
 * memory, of which it must never have had more than its limits allow.
 *
 * @param seed decides about the pieces and the settings
 * @param sender the side that sends the frames
 * @param frames the frames
 */
record CompressedTrial(long seed, Side sender, List<WireFrame> frames) {

	private static final int[] LIMITS = { 125, 1_000, 65_536, 80_000, 1_000_000 };

	/** Buffers of compressed and inflated bytes, and what the last read has brought. */
	private static final long IN_TRANSIT = 512 * 1024;

	private static final int SHOWN = 600;

	/**
	 * Makes a trial up.
	 * @param random the random numbers
	 * @return the trial
	 */
	static CompressedTrial of(Random random) {
		long seed = random.nextLong();
		Side sender = random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM;
		boolean takeover = Settings.of(new Random(seed)).agreement().inflateTakeover();
		return new CompressedTrial(seed, sender, CompressedStream.of(random, sender, takeover));
	}

	byte[] stream() {
		return WireFrame.encodeAll(this.frames.toArray(WireFrame[]::new));
	}

	/**
	 * Compares.
	 * @return the difference, or {@code null} if there is none
	 */
	@Nullable String run() {
		return run((expected) -> {
		});
	}

	/**
	 * Compares.
	 * @param seen takes what is expected to become of the stream
	 * @return the difference, or {@code null} if there is none
	 */
	@Nullable String run(Consumer<Reading> seen) {
		Random random = new Random(this.seed);
		Settings settings = Settings.of(random);
		byte[] stream = stream();
		Reading expected = CompressedOracle.read(stream, this.sender, settings.agreement(), settings.limits().frame(),
				settings.limits().message());
		seen.accept(expected);
		CountedMemory memory = new CountedMemory();
		LiveSessions sessions = new LiveSessions();
		Written client = new Written();
		Written upstream = new Written();
		Pieces pieces = new Pieces(random, stream);
		try (EmbeddedSession session = open(settings, random, pieces, memory, sessions, client, upstream)) {
			send(session, pieces);
			Written to = (this.sender == Side.CLIENT) ? upstream : client;
			Written back = (this.sender == Side.CLIENT) ? client : upstream;
			Reading relayed = CompressedOracle.readRelayed(to.bytes(), this.sender.peer(), settings.peerAgreement());
			Reading told = CompressedOracle.readRelayed(back.bytes(), this.sender, settings.agreement());
			String difference = new RelayTrial(this.seed, this.sender, stream).compare(relayed, told, false, expected,
					" with " + settings);
			if (difference != null) {
				return difference;
			}
			end(session, expected);
			if (sessions.unfinished() != 0 || session.channel(Side.CLIENT).isOpen()
					|| session.channel(Side.UPSTREAM).isOpen()) {
				return "left behind after " + expected + " with " + settings;
			}
		}
		if (memory.used() != 0) {
			return memory.used() + " bytes left behind after " + expected + " with " + settings;
		}
		long most = IN_TRANSIT + 4 * settings.limits().message();
		return (memory.most() <= most) ? null
				: memory.most() + " bytes (expected: <= " + most + ") for " + expected + " with " + settings;
	}

	private EmbeddedSession open(Settings settings, Random random, Pieces pieces, CountedMemory memory,
			LiveSessions sessions, Written toClient, Written toUpstream) {
		boolean fromClient = this.sender == Side.CLIENT;
		EmbeddedChannel client = new SteadyChannel(toClient, pieces);
		EmbeddedChannel upstream = new SteadyChannel(toUpstream, pieces);
		client.config().setAllocator(memory);
		upstream.config().setAllocator(memory);
		List<PolicyBinding> policies = settings.policy().bindings();
		return EmbeddedSession.builder()
			.channels(client, upstream)
			.registry(sessions)
			.limits(settings.limits())
			.budget(new TurnBudget(1 + random.nextInt(50), 1 + random.nextInt(100_000), 1 + random.nextInt(100_000)))
			.deflate(fromClient ? settings.agreement() : settings.peerAgreement(),
					fromClient ? settings.peerAgreement() : settings.agreement())
			.inbound(fromClient ? policies : List.of())
			.outbound(fromClient ? List.of() : policies)
			.open();
	}

	private void send(EmbeddedSession session, Pieces pieces) {
		pieces.send(session, this.sender);
		runTasks(session);
	}

	/** Answers nothing, so that the session has to end by itself. */
	private void end(EmbeddedSession session, Reading expected) {
		if (!expected.isOver()) {
			session.lose(this.sender);
		}
		for (Side side : Side.values()) {
			session.channel(side).advanceTimeBy(1, TimeUnit.MINUTES);
		}
		runTasks(session);
	}

	private static void runTasks(EmbeddedSession session) {
		session.runTasks();
		while (session.channel(Side.CLIENT).hasPendingTasks() || session.channel(Side.UPSTREAM).hasPendingTasks()) {
			session.runTasks();
		}
	}

	// What can be left out

	CompressedTrial withoutFrames(int from, int length) {
		List<WireFrame> rest = new ArrayList<>(this.frames);
		rest.subList(from, from + length).clear();
		return new CompressedTrial(this.seed, this.sender, rest);
	}

	int payloads() {
		return this.frames.stream().mapToInt((frame) -> frame.payload().length).sum();
	}

	/** Leaves out a part of the payloads, seen as one after the other. */
	CompressedTrial withoutPayload(int from, int length) {
		List<WireFrame> rest = new ArrayList<>();
		int begin = 0;
		for (WireFrame frame : this.frames) {
			byte[] payload = frame.payload();
			int first = Math.min(payload.length, Math.max(0, from - begin));
			int last = Math.min(payload.length, Math.max(0, from + length - begin));
			byte[] kept = Arrays.copyOf(payload, payload.length - (last - first));
			System.arraycopy(payload, last, kept, first, payload.length - last);
			rest.add(WireFrame.of(frame.opcode(), kept).fin(frame.fin()).rsv(frame.rsv()).mask(frame.mask()));
			begin += payload.length;
		}
		return new CompressedTrial(this.seed, this.sender, rest);
	}

	@Override
	public String toString() {
		return "seed " + this.seed + ", " + this.sender + " sends " + this.frames.stream()
			.map((frame) -> frame + " "
					+ HexFormat.of().formatHex(Arrays.copyOf(frame.payload(), Math.min(SHOWN, frame.payload().length))))
			.collect(Collectors.joining("\n"));
	}

	/**
	 * The settings of a trial.
	 *
	 * @param agreement what has been agreed with the sender
	 * @param peerAgreement what has been agreed with the other peer, or {@code null}
	 * @param limits the limits of both directions
	 * @param policy what policies do
	 */
	private record Settings(PerMessageDeflate agreement, @Nullable PerMessageDeflate peerAgreement, Limits limits,
			TransparentPolicy policy) {

		static Settings of(Random random) {
			int window = (random.nextInt(4) > 0) ? 15 : 9 + random.nextInt(6);
			PerMessageDeflate agreement = new PerMessageDeflate("permessage-deflate", random.nextBoolean(),
					random.nextBoolean(), 6, 0, window, 15, 8);
			PerMessageDeflate peerAgreement = (random.nextInt(3) > 0) ? null
					: new PerMessageDeflate("permessage-deflate", random.nextBoolean(), random.nextBoolean(), 1, 64);
			int limit = LIMITS[random.nextInt(LIMITS.length)];
			Limits limits = new Limits(random.nextBoolean() ? limit : LIMITS[LIMITS.length - 1],
					random.nextBoolean() ? limit : LIMITS[LIMITS.length - 1], Long.MAX_VALUE);
			// Not all that comes is UTF-8.
			List<TransparentPolicy> policies = List.of(TransparentPolicy.NONE, TransparentPolicy.FRAMES,
					TransparentPolicy.COPY, TransparentPolicy.LATER);
			return new Settings(agreement, peerAgreement, limits, policies.get(random.nextInt(policies.size())));
		}

	}

	/** Takes what is written at once, as a socket does that is never full. */
	private static final class Written extends ChannelOutboundHandlerAdapter {

		private final ByteArrayOutputStream written = new ByteArrayOutputStream();

		@Override
		public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
			ByteBuf bytes = (ByteBuf) message;
			this.written.writeBytes(ByteBufUtil.getBytes(bytes));
			bytes.release();
			promise.trySuccess();
		}

		byte[] bytes() {
			return this.written.toByteArray();
		}

	}

}
