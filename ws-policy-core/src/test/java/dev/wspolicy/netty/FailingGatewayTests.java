package dev.wspolicy.netty;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.QuietLog;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever fails in the gateway, at whichever step of a session: the session ends, its
 * end is told once, and nothing of it is kept.
 * <p>
 * One scenario is played again and again. The first time the first step fails that can
 * fail, the second time the second one, until none is left to fail.
 */
@ExtendWith(QuietLog.class)
class FailingGatewayTests {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	@ParameterizedTest
	@EnumSource
	void sessionEndsWhateverFails(Setting setting) {
		int step = 0;
		boolean failed = true;
		while (failed) {
			step++;
			Scene scene = new Scene(setting, step);
			failed = scene.play();
			scene.check("step " + step + " of " + setting);
		}
		assertThat(step).as("steps that can fail").isGreaterThan(setting.steps);
	}

	enum Setting {

		PLAIN(15), COMPRESSED(15), TAPPED(15),

		/** Timers cannot be set. */
		TIMED(8),

		/** Sockets cannot be written to, for a reason that is not their peers'. */
		WRITTEN(10),

		/**
		 * Handlers of the channels fail, and close their channels. Unlike a socket's,
		 * these channels report that at once, within the read that has led to the write.
		 */
		HANDLED(30);

		private final int steps;

		Setting(int steps) {
			this.steps = steps;
		}

	}

	/**
	 * A session of which one step fails.
	 */
	private static final class Scene implements SessionListener, FrameTap {

		private final Setting setting;

		private final FailingAllocator allocator = new FailingAllocator(this::allocate);

		private final LiveSessions registry = new LiveSessions();

		private final List<Termination> terminations = new ArrayList<>();

		private final WireDeflate fromClient = new WireDeflate();

		private final WireDeflate fromUpstream = new WireDeflate();

		private final EmbeddedChannel client;

		private final EmbeddedChannel upstream;

		private final EmbeddedSession session;

		private final CompletableFuture<Void> drained;

		private @Nullable CompletableFuture<Verdict> promise;

		/** How many steps still succeed. */
		private int left;

		private boolean armed;

		private boolean failed;

		private boolean failedAtOnce;

		Scene(Setting setting, int failing) {
			this.setting = setting;
			this.left = failing;
			this.client = channel();
			this.upstream = channel();
			PerMessageDeflate deflate = (setting == Setting.COMPRESSED)
					? new PerMessageDeflate("permessage-deflate", true, true, 6, 0) : null;
			PolicyBinding policy = PolicyBinding.of("policy", this::judge).types(FrameType.TEXT, FrameType.PING);
			this.armed = setting == Setting.TIMED;
			this.session = EmbeddedSession.builder()
				.channels(this.client, this.upstream)
				.framing(new WireOptions(Masking.REMASK, Utf8Validation.ALWAYS, WireOptions.DEFAULT.compression()))
				.timeouts(timeouts())
				.inbound(List.of(policy))
				.outbound(List.of(policy))
				.deflate(deflate, deflate)
				.registry(this.registry)
				.listeners(this)
				.open();
			this.armed = false;
			this.failedAtOnce = this.failed;
			this.drained = this.registry.drain(MINUTE);
			this.registry.endDrain();
		}

		private EmbeddedChannel channel() {
			EmbeddedChannel channel = new FailingChannel(() -> stepOf(Setting.TIMED), () -> stepOf(Setting.WRITTEN));
			channel.config().setAllocator(this.allocator);
			channel.config().setAutoClose(false);
			channel.pipeline().addLast(new FailingHandler(() -> stepOf(Setting.HANDLED)));
			return channel;
		}

		private void allocate() {
			if (this.setting.ordinal() <= Setting.TAPPED.ordinal()) {
				step();
			}
		}

		private void stepOf(Setting setting) {
			if (this.setting == setting) {
				step();
			}
		}

		private static Timeouts timeouts() {
			Timeouts last = Timeouts.DEFAULT;
			return new Timeouts(last.handshake(), last.close(), last.verdict(), last.frame(), MINUTE, MINUTE, MINUTE,
					Duration.ZERO, new Timeouts.Heartbeat(MINUTE, MINUTE));
		}

		private Verdict judge(Frame frame, FrameContext context) {
			String text = (frame instanceof TextFrame message) ? message.text() : "";
			return switch (text) {
				case "later" -> {
					this.promise = new CompletableFuture<>();
					yield Verdict.later(this.promise);
				}
				case "replace" -> Verdict.replace(TextFrame.of("first"), TextFrame.of("second"));
				case "answer" -> Verdict.replyText("answer");
				default -> Verdict.forward();
			};
		}

		/** Something happens that can fail. */
		private void step() {
			if (this.armed && --this.left == 0) {
				this.failed = true;
				throw new OutOfMemoryError("step that fails");
			}
		}

		/** Play the scene, and tell whether anything has failed in it. */
		boolean play() {
			this.armed = true;
			if (this.setting == Setting.TAPPED) {
				this.session.session().tap(this);
			}
			fromClient("hello", "replace", "answer");
			fromUpstream("hello", "replace", "later", "kept", "replace");
			keep(Verdict.replaceText("kept"));
			fromClient("later", "kept");
			keep(Verdict.forward());
			this.session.session().send(Side.UPSTREAM, TextFrame.of("sent"));
			fromClient("later", "kept");
			this.session.session().close(CloseStatus.NORMAL, CloseStatus.NORMAL);
			run();
			this.armed = false;
			for (Side side : Side.values()) {
				this.session.lose(side);
				run();
			}
			return this.failed;
		}

		private void keep(Verdict verdict) {
			if (this.promise != null) {
				this.promise.complete(verdict);
				run();
			}
		}

		private void fromClient(String... texts) {
			from(this.client, this.fromClient, texts);
		}

		private void fromUpstream(String... texts) {
			from(this.upstream, this.fromUpstream, texts);
		}

		private void from(EmbeddedChannel channel, WireDeflate deflate, String... texts) {
			boolean masked = channel == this.client;
			for (String text : texts) {
				WireFrame frame = (this.setting == Setting.COMPRESSED) ? deflate.text(text) : WireFrame.text(text);
				read(channel, masked ? frame.masked() : frame);
			}
			WireFrame passing = WireFrame.binary(new byte[5000]);
			read(channel, masked ? passing.masked() : passing);
		}

		private void read(EmbeddedChannel channel, WireFrame frame) {
			byte[] bytes = frame.encode();
			int half = bytes.length / 2;
			read(channel, bytes, 0, half);
			read(channel, bytes, half, bytes.length - half);
		}

		private void read(EmbeddedChannel channel, byte[] bytes, int offset, int length) {
			if (channel.isOpen()) {
				ByteBuf buffer = this.allocator.untouched(length);
				buffer.writeBytes(bytes, offset, length);
				channel.pipeline().fireChannelRead(buffer).fireChannelReadComplete();
				run();
			}
		}

		private void run() {
			this.session.runTasks();
		}

		void check(String as) {
			assertThat(this.terminations).as(as + ": told of the end").hasSize(1);
			assertThat(this.registry.size()).as(as + ": sessions").isZero();
			assertThat(this.drained.isCancelled()).as(as + ": drain that was given up").isEqualTo(!this.failedAtOnce);
			assertThat(this.registry.drain(Duration.ZERO)).as(as + ": drain").isCompleted();
			assertThat(this.client.runScheduledPendingTasks()).as(as + ": timers").isEqualTo(-1);
			assertThat(this.upstream.runScheduledPendingTasks()).as(as + ": timers").isEqualTo(-1);
			this.client.releaseOutbound();
			this.upstream.releaseOutbound();
			assertThat(this.allocator.buffers()).as(as + ": buffers").noneMatch((buffer) -> buffer.refCnt() > 0);
			if (!this.failed) {
				assertThat(this.terminations.get(0).cause()).as(as).isEqualTo(Cause.REQUESTED);
			}
			else if (this.setting.ordinal() < Setting.TAPPED.ordinal() || this.setting == Setting.TIMED) {
				assertThat(this.terminations.get(0).cause()).as(as).isIn(Cause.INTERNAL_ERROR, Cause.REQUESTED);
			}
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			this.terminations.add(termination);
			throw new StackOverflowError("told of the end");
		}

		@Override
		public boolean wantsNext() {
			step();
			return true;
		}

		@Override
		public int payloadLimit() {
			step();
			return 10;
		}

		@Override
		public void onFrame(ProxiedSession session, TappedFrame frame) {
			step();
		}

	}

}
