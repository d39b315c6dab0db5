package dev.wspolicy.autoconfigure;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.mock.env.MockEnvironment;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

import dev.wspolicy.autoconfigure.WsPolicyProperties.EventLoops;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The number of event loops.
 */
@ExtendWith(OutputCaptureExtension.class)
class EventLoopsTests {

	private static final String NAME = "reactor.netty.ioWorkerCount";

	private static final String PROCESSORS = Integer.toString(Runtime.getRuntime().availableProcessors());

	private final String before = System.getProperty(NAME);

	@BeforeEach
	void clear() {
		System.clearProperty(NAME);
	}

	@AfterEach
	void restore() {
		if (this.before != null) {
			System.setProperty(NAME, this.before);
		}
		else {
			System.clearProperty(NAME);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "auto", "AUTO", " auto " })
	void autoIsTheNumberOfProcessors(String value) {
		process(new MockEnvironment().withProperty("ws-policy.event-loops", value));
		assertThat(System.getProperty(NAME)).isEqualTo(PROCESSORS);
	}

	@Test
	void numberThatTheApplicationHasSetIsKept() {
		System.setProperty(NAME, "7");
		process(new MockEnvironment().withProperty("ws-policy.event-loops", "auto"));
		assertThat(System.getProperty(NAME)).isEqualTo("7");
	}

	@ParameterizedTest
	@CsvSource({ "ws-policy.event-loops, reactor-netty", "ws-policy.event-loops, many", "other, auto" })
	void reactorNettyDecidesOtherwise(String property, String value) {
		process(new MockEnvironment().withProperty(property, value));
		assertThat(System.getProperty(NAME)).isNull();
	}

	@Test
	void hasNoEffectIfDisabled() {
		process(new MockEnvironment().withProperty("ws-policy.event-loops", "auto")
			.withProperty("ws-policy.enabled", "false"));
		assertThat(System.getProperty(NAME)).isNull();
	}

	@Test
	void postProcessorIsRegistered() {
		// Some others need arguments
		assertThat(SpringFactoriesLoader.forDefaultResourceLocation()
			.load(EnvironmentPostProcessor.class, (type, name, failure) -> {
			})).hasAtLeastOneElementOfType(EventLoopsPostProcessor.class);
	}

	@Test
	void tooManyEventLoopsAreReportedOnce(CapturedOutput output) {
		start(EventLoops.REACTOR_NETTY, 3, 2);
		assertThat(output).containsOnlyOnce("Reactor Netty has 3 event loops, but there are 2 processors.")
			.containsOnlyOnce("Set 'ws-policy.event-loops' to 'auto'.");
	}

	@Test
	void reportSaysWhyAutoHasNoEffect(CapturedOutput output) {
		start(EventLoops.AUTO, 2, 1);
		assertThat(output).contains("but there is 1 processor.")
			.contains("'ws-policy.event-loops' is 'auto', but the system property 'reactor.netty.ioWorkerCount'");
	}

	@Test
	void enoughProcessorsAreNotReported(CapturedOutput output) {
		start(EventLoops.REACTOR_NETTY, 2, 2);
		assertThat(output).doesNotContain("event loops");
	}

	/** They take precedence over those that a customizer has set. */
	@Test
	void eventLoopsOfResourceFactoryCount(CapturedOutput output) {
		ReactorResourceFactory resources = new ReactorResourceFactory();
		resources.setUseGlobalResources(false);
		resources.setLoopResourcesSupplier(() -> LoopResources.create("own", 2, true));
		resources.setShutdownQuietPeriod(Duration.ZERO);
		resources.start();
		try {
			start(EventLoops.REACTOR_NETTY, 3, 2, resources);
			assertThat(output).doesNotContain("event loops");
			start(EventLoops.REACTOR_NETTY, 1, 1, resources);
			assertThat(output).contains("Reactor Netty has 2 event loops, but there is 1 processor.");
		}
		finally {
			resources.stop();
		}
	}

	private static void start(EventLoops configured, int loops, int processors) {
		start(configured, loops, processors, null);
	}

	private static void start(EventLoops configured, int loops, int processors, @Nullable ReactorResourceFactory own) {
		LoopResources resources = LoopResources.create("test", loops, true);
		try {
			StaticListableBeanFactory beans = new StaticListableBeanFactory();
			if (own != null) {
				beans.addBean("resources", own);
			}
			NettyReactiveWebServerFactory factory = new NettyReactiveWebServerFactory(0);
			new EventLoopsWarning(configured, processors, beans.getBeanProvider(ReactorResourceFactory.class))
				.customize(factory);
			HttpServer server = HttpServer.create().runOn(resources);
			factory.getServerCustomizers().forEach((customizer) -> customizer.apply(server));
		}
		finally {
			resources.disposeLater().block();
		}
	}

	private static void process(MockEnvironment environment) {
		new EventLoopsPostProcessor().postProcessEnvironment(environment, new SpringApplication());
	}

}
