package dev.wspolicy.netty;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.netty.buffer.ByteBuf;
import io.netty.channel.WriteBufferWaterMark;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A peer of a random session: what it says, and what it must get.
 */
final class RandomPeer {

	private final RandomSession session;

	final Side side;

	final LegHandler handler;

	final SlowChannel channel;

	final @Nullable PerMessageDeflate agreement;

	final boolean judged;

	final WireDeflate deflate = new WireDeflate();

	final WireDeflate inflate = new WireDeflate();

	final Deque<byte[]> toRead = new ArrayDeque<>();

	final List<String> expected = new ArrayList<>();

	final List<String> answers = new ArrayList<>();

	final List<String> injected = new ArrayList<>();

	int close;

	boolean over;

	/** It has said good-bye. */
	boolean closing;

	RandomPeer(RandomSession session, Side side) {
		this.session = session;
		this.side = side;
		this.handler = new LegHandler(side);
		this.channel = new SlowChannel(this.handler);
		this.channel.config().setAllocator(this.session.allocator);
		this.channel.config()
			.setWriteBufferWaterMark(new WriteBufferWaterMark(1000, this.session.chance(50) ? 4000 : 40_000));
		this.agreement = this.session.chance(50) ? new PerMessageDeflate("", this.session.chance(50),
				this.session.chance(50), -1, 10, 15, this.session.chance(30) ? 9 : 15, this.session.chance(20) ? 1 : 8)
				: null;
		this.judged = this.session.chance(60);
	}

	List<PolicyBinding> policies() {
		List<PolicyBinding> policies = new ArrayList<>();
		if (this.session.chance(30)) {
			policies.add(PolicyBinding.of("frames", this::hold)
				.granularity(Granularity.FRAME)
				.types(FrameType.TEXT, FrameType.PING));
		}
		if (this.session.chance(20)) {
			policies.add(PolicyBinding.of("messages", this::hold).types(FrameType.TEXT, FrameType.PING));
		}
		if (this.judged) {
			policies.add(PolicyBinding.of("policy", this::judge));
		}
		return policies;
	}

	/** Lets everything pass, now or later, and as it is, even if as another frame. */
	private Verdict hold(Frame frame, FrameContext context) {
		if (this.session.chance(30)) {
			return promise();
		}
		if (frame.type() == FrameType.PING || this.session.chance(80)) {
			return Verdict.forward();
		}
		boolean whole = frame.fin() && frame.type() == FrameType.TEXT;
		return Verdict.replace(whole ? frame : BinaryFrame.of(FrameAccess.payload(frame).bytes().clone()));
	}

	private Verdict promise() {
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		this.session.promises.add(promise);
		return Verdict.later(promise);
	}

	Verdict judge(Frame frame, FrameContext context) {
		if (!(frame instanceof TextFrame message)) {
			return Verdict.forward();
		}
		String text = message.text();
		return switch (text.charAt(0)) {
			case 'd' -> Verdict.drop();
			case 'r' -> Verdict.replaceText(text + text);
			case 'm' -> Verdict.replace(TextFrame.of(text), TextFrame.of("x" + text), TextFrame.of("y" + text));
			case 'a' -> Verdict.reply(TextFrame.of("A" + text));
			case 's' -> {
				this.session.driver.inject(this.side.peer(), TextFrame.of("A" + text));
				yield Verdict.forward();
			}
			case 'l' -> promise();
			default -> Verdict.forward();
		};
	}

	/** Make a message up, of which frames are sent later. */
	void say() {
		RandomPeer other = this.session.peer(this.side.peer());
		String kinds = "ffffffdrmasl";
		char kind = kinds.charAt(this.session.random.nextInt(kinds.length()));
		String text = "" + kind + this.session.number++
				+ this.session.filler(this.session.chance(10) ? 150_000 : this.session.chance(50) ? 10 : 3_000);
		if (!this.judged) {
			other.expected.add(text);
		}
		else {
			switch (kind) {
				case 'd' -> {
					// Nobody gets it
				}
				case 'r' -> other.expected.add(text + text);
				case 'm' -> other.expected.addAll(List.of(text, "x" + text, "y" + text));
				case 'a' -> this.answers.add("A" + text);
				case 's' -> {
					other.answers.add("A" + text);
					other.expected.add(text);
				}
				default -> other.expected.add(text);
			}
		}
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		WireFrame frame = WireFrame.text(bytes);
		if (this.agreement != null && this.session.chance(70)) {
			boolean takeover = this.agreement.inflateTakeover();
			if (!takeover) {
				this.deflate.reset();
			}
			frame = this.deflate.message(WireFrame.TEXT, bytes);
		}
		if (this.session.chance(30)) {
			int size = Math.max(1, frame.payload().length / (1 + this.session.random.nextInt(5)));
			byte[] payload = frame.payload();
			for (int from = 0; from < payload.length; from += size) {
				int to = Math.min(payload.length, from + size);
				WireFrame fragment = WireFrame
					.of((from == 0) ? WireFrame.TEXT : WireFrame.CONTINUATION, Arrays.copyOfRange(payload, from, to))
					.rsv((from == 0) ? frame.rsv() : 0)
					.fin(to == payload.length);
				write(fragment);
				if (this.session.chance(30)) {
					write(WireFrame.ping("are you?"));
				}
			}
		}
		else {
			write(frame);
		}
	}

	void write(WireFrame frame) {
		this.toRead.add(frame.from(this.side).encode());
	}

	/** Bytes come, if they are wanted. */
	boolean read() {
		if (this.over || !isWanted()) {
			return false;
		}
		int loops = 1 + this.session.random.nextInt(4);
		while (loops-- > 0 && isWanted()) {
			readOnce(1 + this.session.random.nextInt(this.session.chance(50) ? 50 : 65_000));
		}
		this.channel.pipeline().fireChannelReadComplete();
		return true;
	}

	boolean isWanted() {
		return this.channel.isActive() && !this.toRead.isEmpty() && this.channel.config().isAutoRead();
	}

	void readOnce(int size) {
		ByteBuf buffer = this.session.allocator.untouched(size);
		while (buffer.readableBytes() < size && !this.toRead.isEmpty()) {
			byte[] next = this.toRead.removeFirst();
			int taken = Math.min(next.length, size - buffer.readableBytes());
			buffer.writeBytes(next, 0, taken);
			if (taken < next.length) {
				this.toRead.addFirst(Arrays.copyOfRange(next, taken, next.length));
			}
		}
		this.channel.pipeline().fireChannelRead(buffer);
	}

	void readAll() {
		while (!this.toRead.isEmpty() && this.channel.isActive()) {
			readOnce(65_536);
		}
		this.channel.pipeline().fireChannelReadComplete();
	}

	void expectClose(int code) {
		this.close = code;
	}

	/** All that it is to get has come. */
	void check() {
		List<WireFrame> frames = new ArrayList<>(EmbeddedSession.parse(this.channel.taken.toByteArray()));
		if (this.close != 0) {
			assertThat(frames.remove(frames.size() - 1).closeCode()).as("to " + this.side).isEqualTo(this.close);
		}
		assertThat(frames).allMatch((frame) -> frame.isMasked() == (this.side == Side.UPSTREAM));
		List<String> texts = CompressedLegTests
			.messages((this.agreement != null) ? this.inflate : null,
					frames.stream().filter((frame) -> frame.opcode() < 8).toList())
			.stream()
			.map((bytes) -> new String(bytes, StandardCharsets.UTF_8))
			.toList();
		assertThat(texts.stream().filter((text) -> text.charAt(0) == 'i').map(RandomPeer::brief))
			.as("injected to " + this.side)
			.containsExactlyElementsOf(this.injected.stream().map(RandomPeer::brief).toList());
		assertThat(texts.stream().filter((text) -> text.charAt(0) == 'A').sorted().map(RandomPeer::brief))
			.as("answers to " + this.side)
			.containsExactlyElementsOf(this.answers.stream().sorted().map(RandomPeer::brief).toList());
		assertThat(
				texts.stream().filter((text) -> text.charAt(0) != 'A' && text.charAt(0) != 'i').map(RandomPeer::brief))
			.as("relayed to " + this.side)
			.containsExactlyElementsOf(this.expected.stream().map(RandomPeer::brief).toList());
	}

	/** All that has come is well formed, and in order; the end may be missing. */
	void checkOrder() {
		byte[] bytes = this.channel.taken.toByteArray();
		ByteArrayInputStream input = new ByteArrayInputStream(bytes);
		List<WireFrame> frames = new ArrayList<>();
		try {
			while (input.available() > 0) {
				frames.add(WireFrame.read(input));
			}
		}
		catch (IOException ex) {
			assertThat(this.channel.isOpen()).as("cut within a frame, but not reset: " + this.side).isFalse();
		}
		long closes = frames.stream().filter((frame) -> frame.opcode() == WireFrame.CLOSE).count();
		assertThat(closes).isLessThanOrEqualTo(1);
		if (closes == 1) {
			assertThat(frames.get(frames.size() - 1).opcode()).isEqualTo(WireFrame.CLOSE);
		}
		if (!frames.isEmpty()) {
			assertThat(frames).allMatch((frame) -> frame.isMasked() == (this.side == Side.UPSTREAM));
			assertThat(frames).extracting(WireFrame::opcode).isSubsetOf(0, 1, 2, 8, 9, 10);
		}
		List<String> texts = CompressedLegTests
			.messages((this.agreement != null) ? this.inflate : null,
					frames.stream().filter((frame) -> frame.opcode() < 8).toList())
			.stream()
			.map((message) -> new String(message, StandardCharsets.UTF_8))
			.filter((text) -> text.charAt(0) != 'A' && text.charAt(0) != 'i')
			.map(RandomPeer::brief)
			.toList();
		assertThat(this.expected.stream().map(RandomPeer::brief).limit(texts.size()).toList())
			.as("relayed to " + this.side)
			.isEqualTo(texts);
	}

	@Override
	public String toString() {
		return "compressed: " + this.agreement + ", judged: " + this.judged + ", left: " + this.toRead.size();
	}

	private static String brief(String text) {
		return text.substring(0, Math.min(20, text.length())) + " " + text.length() + " " + text.hashCode();
	}

}
