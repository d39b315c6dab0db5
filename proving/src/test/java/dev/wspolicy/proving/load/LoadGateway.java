package dev.wspolicy.proving.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.netty.channel.ChannelOption;
import io.netty.util.internal.PlatformDependent;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.proving.site.ProvedGateway;
import dev.wspolicy.session.LoopTurns;
import dev.wspolicy.session.Side;

/**
 * The gateway that carries the load: in this process, or in one of its own, so that
 * neither the file descriptors nor the garbage of the peers count.
 */
interface LoadGateway extends AutoCloseable {

	/** The message limit of clients. */
	int MESSAGE = 256 * 1024;

	/** The receive buffers of clients' sockets, which Linux doubles. */
	int RECEIVE = 128 * 1024;

	int port();

	Stats stats();

	@Override
	void close();

	/** Starts a gateway in this process. */
	static LoadGateway here(URI upstream) {
		ProvedGateway gateway = start(upstream);
		return new LoadGateway() {

			@Override
			public int port() {
				return gateway.port();
			}

			@Override
			public Stats stats() {
				return Stats.of(gateway);
			}

			@Override
			public void close() {
				gateway.close();
			}

		};
	}

	static ProvedGateway start(URI upstream) {
		ProvedGateway.Builder builder = ProvedGateway.with(Policies.class)
			.set("logging.level.dev.wspolicy", "ERROR")
			.set("logging.level.org.springframework", "ERROR")
			.pipeline("default", "limits.inbound-message", MESSAGE + "B")
			.pipeline("default", "session.close-timeout", "2s")
			.pipeline("dropping", "inbound[0]", "dropping")
			.pipeline("reading", "inbound[0].deny-nul.on-violation.action", "drop")
			.pipeline("reading", "limits.fragments", 2_000_000)
			.pipeline("compressed", "inbound[0]", "dropping")
			.pipeline("compressed", "compression.client", true)
			.pipeline("compressed", "limits.inbound-message", "8MB")
			.pipeline("waiting", "inbound[0]", "waiting")
			.pipeline("pattern", "inbound[0].text-pattern.patterns[0]", "\\b([0-9]{4}[ -]?){3}([0-9]{4})\\b")
			.pipeline("redact", "inbound[0].json-redact.pointers[0]", "/**/email")
			.pipeline("redact", "inbound[0].json-redact.patterns[0]", "\\b([0-9]{4}[ -]?){3}([0-9]{4})\\b")
			.pipeline("set", "inbound[0].json-set.values[0].pointer", "/*/name")
			.pipeline("set", "inbound[0].json-set.values[0].value", "x")
			.pipeline("schema", "inbound[0].json-schema.schema", "classpath:proving/recursive.schema.json")
			.pipeline("stomp", "inbound[0].stomp-authorization.rules[0].destinations", "/app/**")
			.pipeline("graphql", "inbound[0].graphql-limit.max-depth", 10);
		for (String pipeline : List.of("good", "push", "sink")) {
			builder.route(pipeline, upstream);
		}
		for (String pipeline : List.of("dropping", "reading", "compressed", "waiting", "pattern", "redact", "set",
				"schema", "stomp", "graphql")) {
			builder.route(pipeline, upstream, "WsPolicy=" + pipeline);
		}
		return builder.start();
	}

	/**
	 * Starts a gateway in a process of its own, on the processors that the system
	 * property {@code proving.gateway-cores} names, if it does.
	 */
	static LoadGateway apart(URI upstream) throws IOException {
		List<String> command = new ArrayList<>();
		String cores = System.getProperty("proving.gateway-cores");
		if (cores != null) {
			command.addAll(List.of("taskset", "-c", cores));
		}
		// Event loops that share a processor make each other's turns longer, and so do
		// the threads that evaluate long messages, unless they give way. Collections
		// because of loaded classes would be among the longest turns.
		command.addAll(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx1g", "-XX:ThreadPriorityPolicy=1",
				"-XX:JavaPriority1_To_OSPriority=19", "-XX:MetaspaceSize=128m", "-Dws-policy.event-loops=auto",
				"-Dio.netty.leakDetection.level=disabled", "-cp", System.getProperty("java.class.path"),
				LoadGatewayProcess.class.getName(), upstream.toString()));
		return new Apart(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
	}

	/**
	 * What a gateway shows of itself.
	 *
	 * @param sessions the number of sessions
	 * @param longestTurn the longest turn of an event loop in the last one or two minutes
	 * in nanoseconds
	 * @param mostBuffered the most bytes that a direction of a session holds
	 * @param direct the direct memory of buffers in use
	 */
	record Stats(int sessions, long longestTurn, long mostBuffered, long direct) {

		static Stats of(ProvedGateway gateway) {
			LoopTurns turns = gateway.sessions().turns();
			long most = gateway.sessions()
				.stream()
				.mapToLong((session) -> Math.max(session.buffered(Side.CLIENT), session.buffered(Side.UPSTREAM)))
				.max()
				.orElse(0);
			return new Stats(gateway.sessions().size(), turns.longest().toNanos(), most,
					PlatformDependent.usedDirectMemory());
		}

		static Stats parse(String line) {
			String[] parts = line.split(" ");
			return new Stats(Integer.parseInt(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]),
					Long.parseLong(parts[3]));
		}

		String line() {
			return this.sessions + " " + this.longestTurn + " " + this.mostBuffered + " " + this.direct;
		}

		@Override
		public String toString() {
			return String.format("%d sessions, longest turn %.1f ms, most buffered %d KB, direct %d MB", this.sessions,
					this.longestTurn / 1e6, this.mostBuffered >> 10, this.direct >> 20);
		}

	}

	/**
	 * A gateway in a process of its own.
	 */
	final class Apart implements LoadGateway {

		private final Process process;

		private final BufferedReader output;

		private final int port;

		Apart(Process process) throws IOException {
			this.process = process;
			this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
			this.port = Integer.parseInt(read("port "));
		}

		private String read(String prefix) throws IOException {
			String line = Objects.requireNonNull(this.output.readLine(), "the gateway has ended");
			while (!line.startsWith(prefix)) {
				System.out.println("gateway: " + line);
				line = Objects.requireNonNull(this.output.readLine(), "the gateway has ended");
			}
			return line.substring(prefix.length());
		}

		@Override
		public int port() {
			return this.port;
		}

		@Override
		public Stats stats() {
			try {
				this.process.getOutputStream().write('\n');
				this.process.getOutputStream().flush();
				return Stats.parse(read("stats "));
			}
			catch (IOException ex) {
				throw new AssertionError("The gateway has ended", ex);
			}
		}

		@Override
		public void close() {
			this.process.destroyForcibly().onExit().join();
		}

	}

	/**
	 * The policies of the gateway.
	 */
	@Configuration(proxyBeanMethods = false)
	class Policies {

		/** Bounds what the operating system has received of a peer that resets. */
		@Bean
		WebServerFactoryCustomizer<NettyReactiveWebServerFactory> receiveBuffer() {
			return (factory) -> factory
				.addServerCustomizers((server) -> server.childOption(ChannelOption.SO_RCVBUF, RECEIVE));
		}

		@Bean
		FramePolicy dropping() {
			return (frame, context) -> Verdict.drop();
		}

		@Bean
		FramePolicy waiting() {
			return (frame, context) -> Verdict.later(Mono.delay(Duration.ofMillis(500)).thenReturn(Verdict.forward()));
		}

	}

}
