package dev.wspolicy.proving.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;

import dev.wspolicy.proving.site.ProvedGateway;

/**
 * The process of a gateway: prints its port, and a line of figures for each line that it
 * reads.
 */
public final class LoadGatewayProcess {

	private LoadGatewayProcess() {
	}

	public static void main(String[] arguments) throws IOException {
		try (ProvedGateway gateway = LoadGateway.start(URI.create(arguments[0]))) {
			System.out.println("port " + gateway.port());
			BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
			while (input.readLine() != null) {
				System.out.println("stats " + LoadGateway.Stats.of(gateway).line());
			}
		}
		System.exit(0);
	}

}
