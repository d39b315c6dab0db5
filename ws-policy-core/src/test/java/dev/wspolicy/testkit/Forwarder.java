package dev.wspolicy.testkit;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A process of its own that carries the bytes of one connection to and fro, so that a
 * peer can be killed: whoever is connected through it is gone when the process is.
 */
public final class Forwarder implements AutoCloseable {

	private final Process process;

	private final int port;

	private Forwarder(Process process, int port) {
		this.process = process;
		this.port = port;
	}

	/**
	 * Starts a process that waits for one connection, and connects it with a port of this
	 * machine when it comes.
	 */
	public static Forwarder to(int port) {
		try {
			Path classes = Path.of(Forwarder.class.getProtectionDomain().getCodeSource().getLocation().toURI());
			String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
			Process process = new ProcessBuilder(java, "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
					"-Xmx16m", "-cp", classes.toString(), Forwarder.class.getName(), String.valueOf(port))
				.redirectError(ProcessBuilder.Redirect.INHERIT)
				.start();
			try (BufferedReader output = new BufferedReader(
					new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
				return new Forwarder(process, Integer.parseInt(Objects.requireNonNull(output.readLine())));
			}
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Where the process waits.
	 */
	public int port() {
		return this.port;
	}

	/**
	 * Kills the process: SIGKILL, where there are signals.
	 */
	public void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	@Override
	public void close() {
		kill();
	}

	/**
	 * The process.
	 */
	public static void main(String[] arguments) throws IOException {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			System.out.println(server.getLocalPort());
			System.out.flush();
			Socket one = server.accept();
			Socket other = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
			one.setTcpNoDelay(true);
			other.setTcpNoDelay(true);
			new Thread(() -> pump(other, one)).start();
			pump(one, other);
		}
	}

	private static void pump(Socket from, Socket to) {
		try {
			from.getInputStream().transferTo(to.getOutputStream());
			to.shutdownOutput();
		}
		catch (IOException ex) {
			// One end has gone, and with it this process's use
			System.exit(1);
		}
	}

}
