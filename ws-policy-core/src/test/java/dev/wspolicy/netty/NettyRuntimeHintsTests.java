package dev.wspolicy.netty;

import java.util.List;

import io.netty.channel.ChannelHandler;
import org.junit.jupiter.api.Test;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;

import dev.wspolicy.testkit.ProductClasses;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link NettyRuntimeHints}.
 */
class NettyRuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	NettyRuntimeHintsTests() {
		new NettyRuntimeHints().registerHints(this.hints, null);
	}

	@Test
	void allHandlersAreRegistered() {
		List<Class<?>> handlers = ProductClasses.onTheClassPath().thatExtend(ChannelHandler.class);
		assertThat(handlers).contains(LegHandler.class)
			.allSatisfy(
					(handler) -> assertThat(RuntimeHintsPredicates.reflection().onType(handler)).accepts(this.hints));
	}

	@Test
	void fieldsOfHandlesAreRegistered() throws NoSuchFieldException {
		assertThat(
				RuntimeHintsPredicates.reflection().onFieldAccess(SessionLoop.class.getDeclaredField("waitingCalls")))
			.accepts(this.hints);
		assertThat(RuntimeHintsPredicates.reflection().onFieldAccess(WirePayload.class.getDeclaredField("state")))
			.accepts(this.hints);
	}

}
