package dev.wspolicy.netty;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The same frames, cut into buffers in every way there is: what arrives must not depend
 * on it.
 */
class SplitBytesTests {

	private static final WireFrame[] FRAMES = { WireFrame.text(""), WireFrame.text("a"), WireFrame.ping("are you?"),
			WireFrame.text("wor").fin(false), WireFrame.ping(""), WireFrame.continuation("ld").fin(false),
			WireFrame.continuation(""), WireFrame.binary(payload(126)), WireFrame.pong("I am"),
			WireFrame.text("äöü".repeat(7)), WireFrame.close(4000, "done") };

	/** The position of the frame with the long payload. */
	private static final int LONG = 7;

	@ParameterizedTest
	@EnumSource
	void everySplit(Case policies) {
		byte[] wire = policies.wire();
		int endOfLong = policies.endOfLong();
		// Within the long payload, one place is like another
		for (int at = 1; at < wire.length; at += (at > endOfLong - 120 && at < endOfLong - 20) ? 17 : 1) {
			policies.check(at + " of " + wire.length, Arrays.copyOf(wire, at),
					Arrays.copyOfRange(wire, at, wire.length));
		}
	}

	@ParameterizedTest
	@EnumSource
	void piecesOfAnySize(Case policies) {
		byte[] wire = policies.wire();
		for (int size = 1; size <= wire.length; size = (size < 20) ? size + 1 : size * 2) {
			List<byte[]> pieces = new ArrayList<>();
			for (int from = 0; from < wire.length; from += size) {
				pieces.add(Arrays.copyOfRange(wire, from, Math.min(wire.length, from + size)));
			}
			policies.check("pieces of " + size, pieces.toArray(byte[][]::new));
		}
	}

	@ParameterizedTest
	@EnumSource
	void piecesOfRandomSizes(Case policies) {
		byte[] wire = policies.wire();
		for (int seed = 0; seed < 40; seed++) {
			Random random = new Random(seed);
			List<byte[]> pieces = new ArrayList<>();
			int from = 0;
			while (from < wire.length) {
				int to = Math.min(wire.length, from + 1 + random.nextInt(40));
				pieces.add(Arrays.copyOfRange(wire, from, to));
				from = to;
			}
			policies.check("seed " + seed, pieces.toArray(byte[][]::new));
		}
	}

	private static byte[] payload(int length) {
		byte[] payload = new byte[length];
		new Random(length).nextBytes(payload);
		return payload;
	}

	private static Verdict read(Frame frame, FrameContext context) {
		assertThat(frame.toByteArray()).hasSize(frame.length());
		return Verdict.forward();
	}

	private static Verdict replace(Frame frame, FrameContext context) {
		if (frame instanceof TextFrame text) {
			return Verdict.replaceText("<" + text.text() + ">");
		}
		return Verdict.replace(BinaryFrame.of(frame.toByteArray()));
	}

	enum Case {

		INBOUND_PASSED(Direction.INBOUND, Masking.PRESERVE),

		INBOUND_READ(Direction.INBOUND, Masking.PRESERVE, binding(SplitBytesTests::read)),

		INBOUND_READ_FRAMES(Direction.INBOUND, Masking.PRESERVE,
				binding(SplitBytesTests::read).granularity(Granularity.FRAME)),

		INBOUND_READ_FRAMES_AND_MESSAGES(Direction.INBOUND, Masking.PRESERVE,
				binding(SplitBytesTests::read).granularity(Granularity.FRAME), binding(SplitBytesTests::read)),

		INBOUND_READ_CONTROL(Direction.INBOUND, Masking.PRESERVE,
				binding(SplitBytesTests::read).types(FrameType.PING, FrameType.PONG, FrameType.CLOSE)),

		INBOUND_READ_ALL(Direction.INBOUND, Masking.PRESERVE,
				binding(SplitBytesTests::read).types(FrameType.TEXT, FrameType.BINARY, FrameType.PING, FrameType.PONG,
						FrameType.CLOSE)),

		INBOUND_REPLACED(Direction.INBOUND, Masking.PRESERVE, binding(SplitBytesTests::replace)),

		INBOUND_REMASKED(Direction.INBOUND, Masking.REMASK),

		INBOUND_READ_REMASKED(Direction.INBOUND, Masking.REMASK, binding(SplitBytesTests::read)),

		INBOUND_READ_CONTROL_REMASKED(Direction.INBOUND, Masking.REMASK,
				binding(SplitBytesTests::read).types(FrameType.PING, FrameType.PONG, FrameType.CLOSE)),

		INBOUND_REPLACED_REMASKED(Direction.INBOUND, Masking.REMASK, binding(SplitBytesTests::replace)),

		OUTBOUND_PASSED(Direction.OUTBOUND, Masking.REMASK),

		OUTBOUND_READ(Direction.OUTBOUND, Masking.REMASK, binding(SplitBytesTests::read)),

		OUTBOUND_REPLACED(Direction.OUTBOUND, Masking.REMASK, binding(SplitBytesTests::replace));

		private final Direction direction;

		private final Masking masking;

		private final List<PolicyBinding> policies;

		Case(Direction direction, Masking masking, PolicyBinding... policies) {
			this.direction = direction;
			this.masking = masking;
			this.policies = List.of(policies);
		}

		private static PolicyBinding binding(FramePolicy policy) {
			return PolicyBinding.of("policy", policy);
		}

		private WireFrame[] frames() {
			WireFrame[] frames = FRAMES.clone();
			for (int i = 0; i < frames.length && this.direction == Direction.INBOUND; i++) {
				frames[i] = frames[i].mask(0x11223344 * (i + 1));
			}
			return frames;
		}

		byte[] wire() {
			return WireFrame.encodeAll(frames());
		}

		/** Where the long payload ends. */
		int endOfLong() {
			return WireFrame.encodeAll(Arrays.copyOf(frames(), LONG + 1)).length;
		}

		void check(String description, byte[]... pieces) {
			checkWritten(description, relay(Side.sourceOf(this.direction), null, pieces));
			RecordingTap tap = new RecordingTap();
			checkWritten(description + ", tapped", relay(Side.sourceOf(this.direction), tap, pieces));
			checkTapped(description, tap.frames);
			checkWritten(description + ", in many turns",
					relay(Side.sourceOf(this.direction), null, new TurnBudget(1, 1, 1), pieces));
		}

		/** Whatever the policies do, a tap is told of what has come. */
		private void checkTapped(String description, List<TappedFrame> told) {
			List<TappedFrame> came = told.stream().filter((frame) -> frame.origin() == Origin.PEER).toList();
			assertThat(came).as(description)
				.allMatch((frame) -> frame.direction() == this.direction && frame.length() == frame.payload().length);
			if (this.policies.isEmpty()
					|| this.policies.get(0).granularity() == Granularity.FRAME && this.policies.size() == 1) {
				assertThat(came).as(description)
					.extracting((frame) -> frame.type().opcode() + " " + frame.fin() + " " + frame.maskKey() + " "
							+ HexFormat.of().formatHex(frame.payload()))
					.containsExactlyElementsOf(Stream.of(frames()).map(Case::wireFrame).toList());
			}
			else {
				assertThat(came).as(description)
					.filteredOn((frame) -> frame.type().isData())
					.extracting((frame) -> new String(frame.payload(), StandardCharsets.UTF_8))
					.containsExactlyElementsOf(dataTold());
				assertThat(came).as(description)
					.filteredOn((frame) -> frame.type().isControl())
					.extracting((frame) -> new String(frame.payload(), StandardCharsets.UTF_8))
					.containsExactlyElementsOf(Stream.of(frames())
						.filter((frame) -> frame.opcode() >= 8)
						.map((frame) -> new String(frame.payload(), StandardCharsets.UTF_8))
						.toList());
			}
		}

		private static String wireFrame(WireFrame frame) {
			byte[] mask = frame.mask();
			return frame.opcode() + " " + frame.fin() + " " + ((mask != null) ? ByteBuffer.wrap(mask).getInt() : null)
					+ " " + HexFormat.of().formatHex(frame.payload());
		}

		/** What policies are shown as a whole is told as a whole. */
		private List<String> dataTold() {
			boolean messages = this.policies.stream()
				.anyMatch((policy) -> policy.granularity() == Granularity.MESSAGE
						&& policy.types().contains(FrameType.TEXT));
			List<String> texts = new ArrayList<>(List.of("", "a"));
			texts.addAll(messages ? List.of("world") : List.of("wor", "ld", ""));
			texts.add(new String(SplitBytesTests.payload(126), StandardCharsets.UTF_8));
			texts.add("äöü".repeat(7));
			return texts;
		}

		private void checkWritten(String description, byte[] written) {
			Side source = Side.sourceOf(this.direction);
			if (this.policies.isEmpty() && (this.masking == Masking.PRESERVE || source == Side.UPSTREAM)) {
				assertThat(written).as(description).isEqualTo(wire());
				return;
			}
			List<WireFrame> arrived = EmbeddedSession.parse(written);
			List<WireFrame> sent = List.of(frames());
			assertThat(control(arrived)).as(description).isEqualTo(control(sent));
			if (!name().contains("REPLACED")) {
				assertThat(data(arrived)).as(description).isEqualTo(data(sent));
			}
			else {
				assertThat(data(arrived)).as(description)
					.extracting(WireFrame::payloadAsText)
					.containsExactly("<>", "<a>", "<world>",
							new String(SplitBytesTests.payload(126), StandardCharsets.UTF_8),
							"<" + "äöü".repeat(7) + ">");
			}
			if (this.masking == Masking.REMASK && source == Side.CLIENT) {
				assertThat(arrived).allMatch(WireFrame::isMasked);
				assertThat(written).isNotEqualTo(wire());
			}
		}

		private byte[] relay(Side source, @Nullable RecordingTap tap, byte[]... pieces) {
			return relay(source, tap, TurnBudget.DEFAULT, pieces);
		}

		private byte[] relay(Side source, @Nullable RecordingTap tap, TurnBudget budget, byte[]... pieces) {
			try (EmbeddedSession session = open(budget)) {
				if (tap != null) {
					session.session().tap(tap);
					session.runTasks();
				}
				EmbeddedChannel from = session.channel(source);
				for (byte[] piece : pieces) {
					from.writeInbound(Unpooled.copiedBuffer(piece));
				}
				while (!from.config().isAutoRead()) {
					// The loop that both share
					session.channel(Side.CLIENT).runScheduledPendingTasks();
				}
				assertThat(from.outboundMessages()).isEmpty();
				return session.written(source.peer());
			}
		}

		private EmbeddedSession open(TurnBudget budget) {
			EmbeddedSession.Builder builder = EmbeddedSession.builder()
				.framing(WireOptions.of(this.masking))
				.budget(budget);
			return ((this.direction == Direction.INBOUND) ? builder.inbound(this.policies)
					: builder.outbound(this.policies))
				.open();
		}

		private List<WireFrame> control(List<WireFrame> frames) {
			return frames.stream().filter((frame) -> frame.opcode() >= 8).map(this::comparable).toList();
		}

		private List<WireFrame> data(List<WireFrame> frames) {
			return frames.stream().filter((frame) -> frame.opcode() < 8).map(this::comparable).toList();
		}

		private WireFrame comparable(WireFrame frame) {
			return (this.masking == Masking.REMASK) ? frame.unmasked() : frame;
		}

	}

	/** Keeps all that it is told. */
	static final class RecordingTap implements FrameTap {

		final List<TappedFrame> frames = new ArrayList<>();

		@Override
		public boolean wantsNext() {
			return true;
		}

		@Override
		public int payloadLimit() {
			return 1000;
		}

		@Override
		public void onFrame(ProxiedSession session, TappedFrame frame) {
			assertThat(session.id()).isEqualTo("session");
			this.frames.add(frame);
		}

	}

}
