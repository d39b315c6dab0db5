package dev.wspolicy.demo.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.util.ClassUtils;

import dev.wspolicy.demo.DemoApplication;

/**
 * Runs the demo a second time, in a process of its own, as another gateway in front of
 * the same upstream.
 */
@Component
@Profile("fleet")
@ConditionalOnBooleanProperty("demo.first")
class SecondGateway implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(SecondGateway.class);

	private static final String JAR_LAUNCHER = "org.springframework.boot.loader.launch.JarLauncher";

	private static final long STOP_SECONDS = 20;

	private final Environment environment;

	private @Nullable Process process;

	SecondGateway(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void start() {
		String port = this.environment.getRequiredProperty("demo.second.port");
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), mainClass()));
		Map.of("demo.first", "false", "spring.profiles.active", "fleet", "ws-policy.fleet.gateway", "two",
				"server.port", port, "demo.upstream.port", property("demo.upstream.port"), "demo.redis.port",
				property("demo.redis.port"))
			.forEach((name, value) -> command.add("--" + name + "=" + value));
		try {
			this.process = new ProcessBuilder(command).redirectErrorStream(true).start();
			print(this.process);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		logger.info("Second gateway starts on port " + port + " (process " + this.process.pid() + ")");
	}

	/** Prints what it logs among what this gateway logs. */
	private static void print(Process process) {
		Thread printer = new Thread(() -> process.inputReader().lines().forEach(System.out::println), "second-gateway");
		printer.setDaemon(true);
		printer.start();
	}

	/** In the executable jar, the class path is the jar, and its launcher is main. */
	private static String mainClass() {
		return ClassUtils.isPresent(JAR_LAUNCHER, ClassLoader.getSystemClassLoader()) ? JAR_LAUNCHER
				: DemoApplication.class.getName();
	}

	private String property(String name) {
		return this.environment.getRequiredProperty(name);
	}

	@Override
	public void stop() {
		Process running = this.process;
		this.process = null;
		if (running == null) {
			return;
		}
		// Unlike destroy() of the process itself, this lets it print to the end
		running.toHandle().destroy();
		try {
			if (!running.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
				running.destroyForcibly();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			running.destroyForcibly();
		}
	}

	@Override
	public boolean isRunning() {
		return this.process != null;
	}

}
