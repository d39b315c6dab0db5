package dev.wspolicy.proving.model;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.PongFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.proving.model.Program.Answer;
import dev.wspolicy.proving.model.Program.Script;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * A policy that plays its script, and sees to it that the session begins and ends with it
 * in order.
 */
final class ScriptedPolicy implements FramePolicy {

	private final Script script;

	private final Playing playing;

	/** How often it has been asked in each direction. */
	private final Map<Direction, Integer> asked = new EnumMap<>(Direction.class);

	private boolean asking;

	private boolean serving;

	ScriptedPolicy(Script script, Playing playing) {
		this.script = script;
		this.playing = playing;
	}

	PolicyBinding binding() {
		Set<FrameType> types = new HashSet<>(Set.of(FrameType.TEXT));
		if (this.script.control()) {
			types.addAll(Set.of(FrameType.PING, FrameType.PONG, FrameType.CLOSE));
		}
		return PolicyBinding.of(this.script.name(), this)
			.granularity(this.script.granularity())
			.onError(this.script.onError())
			.types(types.toArray(FrameType[]::new));
	}

	@Override
	public void onOpen(ProxiedSession session) {
		this.playing.require(!this.serving, "opened twice: " + this.script.name());
		this.serving = true;
	}

	@Override
	public void onDetached(ProxiedSession session) {
		end("detached");
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		end("closed");
	}

	private void end(String how) {
		this.playing.require(this.serving, how + " though it does not serve: " + this.script.name());
		this.serving = false;
	}

	boolean isServing() {
		return this.serving;
	}

	@Override
	public @Nullable Verdict apply(Frame frame, FrameContext context) {
		this.playing.require(this.serving, "asked though it does not serve: " + this.script.name());
		this.playing.require(!this.asking, "asked while it is being asked: " + this.script.name());
		this.asking = true;
		try {
			int asked = this.asked.merge(context.direction(), 1, Integer::sum) - 1;
			return verdict(this.script.answers().get(asked % this.script.answers().size()), frame, context.direction());
		}
		finally {
			this.asking = false;
		}
	}

	private @Nullable Verdict verdict(Answer answer, Frame frame, Direction direction) {
		String text = textOf(frame);
		if (answer instanceof Answer.Later later) {
			CompletableFuture<Verdict> future = new CompletableFuture<>();
			this.playing
				.promised(new Promise(direction, future, later.cancellable(), frame.type(), text, this.script.name()));
			return later.cancellable() ? Verdict.later(Mono.fromFuture(future)) : Verdict.later(future);
		}
		if (answer instanceof Answer.Ready ready) {
			CompletableFuture<Verdict> future = new CompletableFuture<>();
			complete(future, ready.answer(), frame.type(), text, this.script.name());
			return Verdict.later(future);
		}
		if (answer instanceof Answer.Call call) {
			if (call.elsewhere()) {
				Playing.onAnotherThread(() -> this.playing.perform(call.action()));
			}
			else {
				this.playing.perform(call.action());
			}
			return Verdict.forward();
		}
		return verdict(answer, frame.type(), text, this.script.name());
	}

	private static String textOf(Frame frame) {
		return new String(frame.toByteArray(), StandardCharsets.UTF_8);
	}

	static void complete(CompletableFuture<Verdict> future, Answer answer, FrameType type, String text, String name) {
		try {
			future.complete(verdict(answer, type, text, name));
		}
		catch (IllegalStateException | StackOverflowError ex) {
			future.completeExceptionally(ex);
		}
	}

	private static @Nullable Verdict verdict(Answer answer, FrameType type, String text, String name) {
		if (answer instanceof Answer.Replace replace) {
			return Verdict.replace(IntStream.range(0, replace.frames())
				.mapToObj((number) -> replacement(type, text + name + number + ";"))
				.toArray(Frame[]::new));
		}
		if (answer instanceof Answer.Drop) {
			return Verdict.drop();
		}
		if (answer instanceof Answer.Reply) {
			return Verdict.replyText("r" + text);
		}
		if (answer instanceof Answer.Close close) {
			return Verdict.close(CloseStatus.of(close.toClient()), CloseStatus.of(close.toUpstream()));
		}
		if (answer instanceof Answer.CloseSender close) {
			return Verdict.closeSender(CloseStatus.of(close.code()));
		}
		if (answer instanceof Answer.Fail fail) {
			if (fail.error()) {
				throw new StackOverflowError("error of a policy");
			}
			throw new IllegalStateException("exception of a policy");
		}
		return (answer instanceof Answer.Nothing) ? null : Verdict.forward();
	}

	private static Frame replacement(FrameType type, String text) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		return switch (type) {
			case PING -> PingFrame.of(bytes);
			case PONG -> PongFrame.of(bytes);
			case CLOSE -> CloseFrame.of(CloseStatus.of(4444));
			default -> TextFrame.of(text);
		};
	}

	/**
	 * A verdict that this policy has promised.
	 *
	 * @param direction where the frame travels
	 * @param verdict the verdict
	 * @param cancellable whether it is cancelled if nobody waits for it any more
	 * @param type the type of the frame
	 * @param text the payload of the frame
	 * @param policy the name of the policy
	 */
	record Promise(Direction direction, CompletableFuture<Verdict> verdict, boolean cancellable, FrameType type,
			String text, String policy) {

		void keep(Answer answer) {
			complete(this.verdict, answer, this.type, this.text, this.policy);
		}

	}

	/** What surrounds the policies. */
	interface Playing {

		/** A condition that must hold, which a policy cannot throw. */
		void require(boolean condition, String otherwise);

		void promised(Promise promise);

		void perform(Program.Action action);

		static void onAnotherThread(Runnable task) {
			Thread thread = new Thread(task);
			thread.start();
			try {
				thread.join();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
