package dev.wspolicy.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate that the JDK's keytool makes at run time, for servers that
 * use it and clients that trust it.
 */
public final class TestCertificates {

	private static final char[] PASSWORD = "changeit".toCharArray();

	private static final String ALIAS = "test";

	private final Path directory;

	private final KeyStore keyStore;

	private TestCertificates(Path directory, KeyStore keyStore) {
		this.directory = directory;
		this.keyStore = keyStore;
	}

	/**
	 * The certificate of {@code localhost} and its addresses, made once.
	 */
	public static TestCertificates localhost() {
		return Localhost.INSTANCE;
	}

	/**
	 * A new certificate, which nobody trusts but its own clients.
	 * @param names a keytool list such as {@code dns:localhost,ip:127.0.0.1}
	 */
	public static TestCertificates create(String names) {
		try {
			Path directory = Files.createTempDirectory("ws-policy-certificate");
			directory.toFile().deleteOnExit();
			Path file = directory.resolve("keystore.p12");
			keytool("-genkeypair", "-alias", ALIAS, "-keyalg", "EC", "-groupname", "secp256r1", "-dname",
					"CN=ws-policy test", "-ext", "san=" + names, "-startdate", "-1d", "-validity", "8", "-storetype",
					"PKCS12", "-keystore", file.toString(), "-storepass", new String(PASSWORD));
			KeyStore keyStore = KeyStore.getInstance("PKCS12");
			try (InputStream input = Files.newInputStream(file)) {
				keyStore.load(input, PASSWORD);
			}
			Files.delete(file);
			return new TestCertificates(directory, keyStore);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void keytool(String... arguments) throws IOException {
		Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
		List<String> command = new ArrayList<>();
		command.add(keytool.toString());
		command.addAll(List.of(arguments));
		Path log = Files.createTempFile("keytool", ".log");
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(log.toFile())
				.start();
			if (!process.waitFor(60, TimeUnit.SECONDS)) {
				process.destroyForcibly();
				throw new IOException("keytool does not end");
			}
			if (process.exitValue() != 0) {
				throw new IOException("keytool failed: " + Files.readString(log));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException("Interrupted while waiting for keytool", ex);
		}
		finally {
			Files.delete(log);
		}
	}

	/**
	 * For a server that shows this certificate.
	 */
	public SSLContext server() {
		try {
			KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
			keys.init(this.keyStore, PASSWORD);
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(keys.getKeyManagers(), null, null);
			return context;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * For a client that trusts this certificate and no other.
	 */
	public SSLContext client() {
		return client("TLS");
	}

	/**
	 * For a client that trusts this certificate and no other.
	 * @param protocol the newest protocol that it speaks, such as {@code TLSv1.2}
	 */
	public SSLContext client(String protocol) {
		try {
			KeyStore trusted = KeyStore.getInstance("PKCS12");
			trusted.load(null, null);
			trusted.setCertificateEntry(ALIAS, this.keyStore.getCertificate(ALIAS));
			TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trust.init(trusted);
			SSLContext context = SSLContext.getInstance(protocol);
			context.init(null, trust.getTrustManagers(), null);
			return context;
		}
		catch (GeneralSecurityException | IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public String certificatePem() {
		try {
			return pem("CERTIFICATE", this.keyStore.getCertificate(ALIAS).getEncoded());
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public String privateKeyPem() {
		try {
			return pem("PRIVATE KEY", this.keyStore.getKey(ALIAS, PASSWORD).getEncoded());
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * The certificate as a PEM file, which lives as long as this JVM.
	 */
	public Path certificateFile() {
		return file("certificate.pem", certificatePem());
	}

	/**
	 * The private key as a PEM file, which lives as long as this JVM.
	 */
	public Path privateKeyFile() {
		return file("private-key.pem", privateKeyPem());
	}

	/** Written once: somebody may be reading it when it is asked for again. */
	private synchronized Path file(String name, String content) {
		try {
			Path file = this.directory.resolve(name);
			if (!Files.exists(file)) {
				file.toFile().deleteOnExit();
				Files.writeString(file, content);
			}
			return file;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String pem(String type, byte[] encoded) {
		String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(encoded);
		return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
	}

	private static final class Localhost {

		private static final TestCertificates INSTANCE = create("dns:localhost,ip:127.0.0.1,ip:0:0:0:0:0:0:0:1");

	}

}
