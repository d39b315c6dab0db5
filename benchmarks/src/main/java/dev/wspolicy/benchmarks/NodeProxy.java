package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;

/**
 * A proxy of a few lines of JavaScript, which receives and sends messages with Node's ws.
 *
 * @param ws the directory of the package
 */
record NodeProxy(Path ws) implements Contestant {

	static final String NAME = "node";

	private static final String SCRIPT = "node-proxy.js";

	@Override
	public String name() {
		return NAME;
	}

	@Override
	public String title() {
		return "Node, ws";
	}

	@Override
	public boolean isPresent() {
		return Executables.isPresent(NAME) && Files.isDirectory(this.ws);
	}

	@Override
	public List<String> command(Site site) throws IOException {
		Path script = Files.createDirectories(site.directory()).toAbsolutePath().resolve(SCRIPT);
		try (InputStream source = Objects.requireNonNull(NodeProxy.class.getResourceAsStream(SCRIPT))) {
			Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
		}
		if (site.tls() != null) {
			throw new IllegalArgumentException("'--ws' cannot be combined with '--tls'. Leave out one of them.");
		}
		return List.of(Executables.find(NAME).orElseThrow().toString(), script.toString(),
				this.ws.toAbsolutePath().toString(), String.valueOf(site.port()), String.valueOf(site.upstreamPort()),
				String.valueOf(site.compressed()));
	}

}
