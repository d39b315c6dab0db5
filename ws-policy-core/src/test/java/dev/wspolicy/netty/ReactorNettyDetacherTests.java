package dev.wspolicy.netty;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.DefaultAttributeMap;
import org.junit.jupiter.api.Test;
import org.springframework.test.util.ReflectionTestUtils;
import reactor.netty.Connection;
import reactor.netty.ReactorNetty;
import reactor.util.context.Context;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link ReactorNettyDetacher}.
 */
class ReactorNettyDetacherTests {

	private final EmbeddedChannel channel = new EmbeddedChannel();

	@Test
	void nothingOfReactorNettyStaysWithTheChannel() {
		Connection.from(this.channel).markPersistent(false);
		ReactorNetty.setChannelContext(this.channel, Context.of("key", "value"));
		assertThat(attributes()).hasSize(3);
		ReactorNettyDetacher.detach(this.channel);
		assertThat(attributes()).isEmpty();
	}

	@Test
	void theChannelIsTakenForOneWithoutAnExchange() {
		Connection before = Connection.from(this.channel);
		ReactorNettyDetacher.detach(this.channel);
		assertThat(Connection.from(this.channel)).isNotSameAs(before)
			.extracting(Connection::channel)
			.isSameAs(this.channel);
		assertThat(ReactorNetty.getChannelContext(this.channel)).isNull();
	}

	/** The names are Reactor Netty's own affair: whatever they are, none may be left. */
	private Object[] attributes() {
		Object[] attributes = (Object[]) ReflectionTestUtils.getField(this.channel, DefaultAttributeMap.class,
				"attributes");
		assertThat(attributes).isNotNull();
		return attributes;
	}

}
