package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The legs of sessions that are encrypted, with TLS 1.3 and the same cipher for all
 * contestants. The two ends of the load know nothing of it: HAProxy encrypts for them, in
 * processes whose time does not count.
 *
 * @param certificate the certificate of the server of each leg
 * @param key its private key
 * @param both both of them in one file
 * @param upstream whether the leg to the upstream is encrypted, too
 * @param resumption whether clients resume TLS sessions
 */
record Tls(Path certificate, Path key, Path both, boolean upstream, boolean resumption) {

	private static final String CIPHER = "ssl-min-ver TLSv1.3 ciphersuites TLS_AES_128_GCM_SHA256";

	private static final String OPTION = "--tls";

	private static final String HAPROXY = "haproxy";

	private static final String END = """
			global
				maxconn 9900
				nbthread 1
				tune.bufsize 65536
			defaults
				mode tcp
				timeout connect 10s
				timeout client 1h
				timeout server 1h
			listen end
				bind 127.0.0.1:{port} backlog 4096 {bind}
				server peer 127.0.0.1:{peer} {server}
			""";

	static Tls create(Path directory, boolean upstream, boolean resumption) throws IOException, InterruptedException {
		String openssl = Executables.require("openssl", OPTION);
		// Not only when the first proxy has been started
		Executables.require(HAPROXY, OPTION);
		Path certificate = Files.createDirectories(directory).toAbsolutePath().resolve("certificate.pem");
		Path key = certificate.resolveSibling("key.pem");
		Path both = certificate.resolveSibling("both.pem");
		Process process = new ProcessBuilder(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt",
				"ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost", "-days", "2", "-keyout",
				key.toString(), "-out", certificate.toString())
			.redirectErrorStream(true)
			.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (process.waitFor() != 0) {
			throw new IOException("openssl failed: " + output);
		}
		Files.writeString(both, Files.readString(certificate) + Files.readString(key));
		return new Tls(certificate, key, both, upstream, resumption);
	}

	/** What encrypts for clients. */
	List<String> client(int port, int proxyPort, Path directory) throws IOException {
		String reuse = this.resumption ? "" : " no-ssl-reuse";
		return end("client", port, "", proxyPort, "ssl verify none " + CIPHER + reuse, directory);
	}

	/** What decrypts for the upstream. */
	List<String> upstream(int port, int upstreamPort, Path directory) throws IOException {
		return end("upstream", port, "ssl crt " + this.both + " " + CIPHER, upstreamPort, "", directory);
	}

	private static List<String> end(String name, int port, String bind, int peer, String server, Path directory)
			throws IOException {
		Path file = Files.createDirectories(directory).toAbsolutePath().resolve(name + "-tls.conf");
		Files.writeString(file,
				END.replace("{port}", String.valueOf(port))
					.replace("{bind}", bind)
					.replace("{peer}", String.valueOf(peer))
					.replace("{server}", server));
		return List.of(Executables.require(HAPROXY, OPTION), "-db", "-f", file.toString());
	}

}
