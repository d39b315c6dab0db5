package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.benchmarks.load.EchoUpstream;
import dev.wspolicy.benchmarks.load.LoadCommand;
import dev.wspolicy.benchmarks.load.LoadGenerator;
import dev.wspolicy.benchmarks.load.LoadResult;

/**
 * The two ends of the load, and room for proxies between them.
 */
final class Lab implements AutoCloseable {

	private static final List<String> ENDS = Stream
		.concat(Jdk.running().nettyArgs().stream(), Stream.of("-Xmx1g", "-XX:+UseSerialGC"))
		.toList();

	private final Cores cores;

	private final Path directory;

	private final int upstreamPort;

	private final Child upstream;

	private final @Nullable Tls tls;

	private final boolean compressed;

	/** What decrypts for the upstream; null if there is no need. */
	private final @Nullable Child upstreamTls;

	private final LoadClient load;

	/** For a load at the same time; in a process of its own. */
	private final LoadClient second;

	private Lab(Cores cores, Path directory, int upstreamPort, Child upstream, @Nullable Tls tls, boolean compressed,
			@Nullable Child upstreamTls, LoadClient load, LoadClient second) {
		this.cores = cores;
		this.directory = directory;
		this.upstreamPort = upstreamPort;
		this.upstream = upstream;
		this.tls = tls;
		this.compressed = compressed;
		this.upstreamTls = upstreamTls;
		this.load = load;
		this.second = second;
	}

	static Lab open(JavaCommand java, Cores cores, Options options) throws IOException, InterruptedException {
		Path directory = options.directory();
		int port = Site.freePort();
		Child upstream = Child
			.start("upstream",
					Cores.bind(cores.upstream(),
							java.command(ENDS, Map.of(), EchoUpstream.class, String.valueOf(port))),
					directory)
			.awaitPort(port);
		List<String> load = Cores.bind(cores.load(), java.command(ENDS, Map.of(), LoadGenerator.class));
		Tls tls = options.encryption().create(directory, options.resumption());
		Child upstreamTls = null;
		if (tls != null && tls.upstream()) {
			int plain = port;
			port = Site.freePort();
			upstreamTls = Child
				.start("upstream-tls", Cores.bind(cores.upstream(), tls.upstream(port, plain, directory)), directory)
				.awaitPort(port);
		}
		return new Lab(cores, directory, port, upstream, tls, options.compression(), upstreamTls,
				LoadClient.start(load), LoadClient.start(load));
	}

	/** Start a contestant. */
	Running start(Contestant contestant, List<String> jvmArgs) throws IOException, InterruptedException {
		int port = Site.freePort();
		Path own = this.directory.resolve(contestant.name());
		List<String> command = contestant
			.command(new Site(port, this.upstreamPort, own, jvmArgs, this.tls, this.compressed));
		Child child = Child.start(contestant.name(), Cores.bind(this.cores.proxy(), command), own).awaitPort(port);
		if (this.tls == null) {
			return new Running(contestant, port, child, null);
		}
		int plain = Site.freePort();
		Child encrypting = Child
			.start("client-tls", Cores.bind(this.cores.load(), this.tls.client(plain, port, own)), own)
			.awaitPort(plain);
		return new Running(contestant, plain, child, encrypting);
	}

	/** Put a load on a contestant. */
	LoadResult run(Running proxy, LoadCommand command) throws IOException {
		return this.load.run(at(proxy, command));
	}

	/** Put a second load on a contestant. From any thread. */
	LoadResult runBeside(Running proxy, LoadCommand command) throws IOException {
		return this.second.run(at(proxy, command));
	}

	private LoadCommand at(Running proxy, LoadCommand command) {
		return (this.compressed ? command.withCompression() : command).at(proxy.port(), proxy.contestant().rewrites(),
				proxy.child().pids(), this.upstream.pid());
	}

	@Override
	public void close() throws IOException {
		this.load.close();
		this.second.close();
		if (this.upstreamTls != null) {
			this.upstreamTls.close();
		}
		this.upstream.close();
	}

	/**
	 * A contestant that has been started.
	 *
	 * @param contestant who
	 * @param port where clients connect to
	 * @param child its process
	 * @param clientTls what encrypts for clients, or {@code null} if there is no need
	 */
	record Running(Contestant contestant, int port, Child child, @Nullable Child clientTls) implements AutoCloseable {

		@Override
		public void close() {
			if (this.clientTls != null) {
				this.clientTls.close();
			}
			this.child.close();
		}

	}

}
