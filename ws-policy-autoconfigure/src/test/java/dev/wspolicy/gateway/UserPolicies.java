package dev.wspolicy.gateway;

import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Termination;

/**
 * Policies as users write them.
 */
@Configuration(proxyBeanMethods = false)
class UserPolicies {

	final BlockingQueue<String> events = new LinkedTransferQueue<>();

	final CountDownLatch latch = new CountDownLatch(1);

	final CompletableFuture<Verdict> never = new CompletableFuture<>();

	volatile @Nullable FramePolicy script;

	volatile String contentType = "";

	@Bean
	@Order(3)
	@WsPolicy(direction = Direction.INBOUND, types = FrameType.TEXT, routes = "ann*")
	FramePolicy third() {
		return new FramePolicy() {

			@Override
			public Verdict apply(Frame frame, FrameContext context) {
				return append(frame, "3");
			}

			@Override
			public void onOpen(ProxiedSession session) {
				UserPolicies.this.events.add("policy open " + session.id());
			}

			@Override
			public void onClose(ProxiedSession session, Termination termination) {
				UserPolicies.this.events.add("policy close " + session.id() + " " + termination);
			}

		};
	}

	@Bean
	First first() {
		return new First();
	}

	@Bean
	@Order(2)
	@WsPolicy(direction = Direction.INBOUND, types = FrameType.TEXT, routes = { "annotated", "listed" })
	FramePolicy secondPolicy() {
		return (frame, context) -> append(frame, "2");
	}

	@Bean
	@Order(4)
	@WsPolicy(types = FrameType.TEXT, subprotocols = "chat.*")
	FramePolicy chatOnly() {
		return (frame, context) -> append(frame, "v2");
	}

	@Bean
	FramePolicy addStar() {
		return (frame, context) -> {
			this.contentType = context.contentType();
			return append(frame, "*");
		};
	}

	@Bean
	Shout shout() {
		return new Shout();
	}

	@Bean
	FramePolicy scripted() {
		return (frame, context) -> Objects.requireNonNull(this.script).apply(frame, context);
	}

	@Bean
	@WsPolicy(direction = Direction.INBOUND, routes = "blocking", blocking = true)
	FramePolicy blocks() {
		return (frame, context) -> {
			try {
				this.latch.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			return Verdict.replaceText("blocked " + ((TextFrame) frame).text());
		};
	}

	@Bean
	BlockingBoth blockingBoth() {
		return new BlockingBoth();
	}

	@Bean
	@WsPolicy(routes = "control", types = { FrameType.PING, FrameType.CLOSE }, direction = Direction.INBOUND)
	FramePolicy control() {
		return (frame, context) -> {
			if (frame instanceof CloseFrame) {
				return Verdict.replace(CloseFrame.of(CloseStatus.of(4001, "changed")));
			}
			return (frame.length() > 0 && frame.toByteArray()[0] == 'd') ? Verdict.drop() : Verdict.forward();
		};
	}

	@Bean
	@WsPolicy(routes = "on-error-close", direction = Direction.INBOUND)
	FramePolicy failingAndClosing() {
		return UserPolicies::fail;
	}

	@Bean
	@WsPolicy(routes = "on-error-drop", direction = Direction.INBOUND, onError = OnError.DROP)
	FramePolicy failingAndDropping() {
		return UserPolicies::fail;
	}

	@Bean
	@WsPolicy(routes = "on-error-forward", direction = Direction.INBOUND, onError = OnError.FORWARD)
	FramePolicy failingAndForwarding() {
		return UserPolicies::fail;
	}

	@SuppressWarnings("NullAway")
	private static Verdict fail(Frame frame, FrameContext context) {
		return switch (((TextFrame) frame).text()) {
			case "throws" -> throw new IllegalStateException("on purpose");
			case "error" -> throw new StackOverflowError("on purpose");
			case "null" -> null;
			case "illegal" -> Verdict.reply(CloseFrame.of(CloseStatus.NORMAL));
			case "fails later" -> Verdict.later(Mono.error(new IllegalStateException("on purpose")));
			case "empty later" -> Verdict.later(Mono.empty());
			default -> Verdict.forward();
		};
	}

	@Bean
	@WsPolicy(routes = "never")
	FramePolicy never() {
		return (frame, context) -> Verdict.later(Mono.fromFuture(this.never));
	}

	@Bean
	SessionListener listener() {
		return new SessionListener() {

			@Override
			public void onOpen(ProxiedSession session) {
				UserPolicies.this.events.add("listener open " + session.id());
			}

			@Override
			public void onClose(ProxiedSession session, Termination termination) {
				UserPolicies.this.events.add("listener close " + session.id() + " " + termination);
			}

		};
	}

	private static Verdict append(Frame frame, String suffix) {
		return Verdict.replaceText(((TextFrame) frame).text() + suffix);
	}

	@WsPolicy(direction = Direction.INBOUND, types = FrameType.TEXT, routes = "annotated")
	@Order(1)
	static class First implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return append(frame, "1");
		}

	}

	@WsPolicy(routes = "blocking-both", blocking = true)
	static class BlockingBoth implements FramePolicy {

		final AtomicInteger closed = new AtomicInteger();

		final BlockingQueue<String> problems = new LinkedTransferQueue<>();

		@Override
		public void onOpen(ProxiedSession session) {
			enter(session);
			session.attributes().put("opened", true);
			leave(session);
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			enter(context.session());
			if (!context.session().attributes().containsKey("opened")) {
				this.problems.add("a frame before onOpen");
			}
			leave(context.session());
			return Verdict.forward();
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			enter(session);
			leave(session);
			this.closed.incrementAndGet();
		}

		private void enter(ProxiedSession session) {
			if (session.attributes().put("busy", true) != null) {
				this.problems.add("two calls at a time");
			}
			try {
				// What blocks
				new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		private void leave(ProxiedSession session) {
			session.attributes().remove("busy");
		}

	}

	record ShoutSettings(@NotBlank String suffix, @DefaultValue("1") @Min(1) int times) {

	}

	static class Shout implements FramePolicyFactory<ShoutSettings> {

		@Override
		public String name() {
			return "shout";
		}

		@Override
		public Class<ShoutSettings> settingsType() {
			return ShoutSettings.class;
		}

		@Override
		public FramePolicy create(ShoutSettings settings) {
			return (frame, context) -> append(frame, settings.suffix().repeat(settings.times()));
		}

	}

}
