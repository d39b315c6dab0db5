package dev.wspolicy.benchmarks.micro;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;

import dev.wspolicy.session.Side;

/**
 * What a policy is measured with, as {@code built-in-policies.yml} says.
 *
 * @param shows what the policy is seen doing
 * @param message the message that passes it
 * @param subprotocol the subprotocol of the session, or {@code null} for none
 * @param first what the client has said before, if anything
 * @param from who sends the message
 * @param changes whether the policy changes the message
 */
public record PolicyLine(String shows, @DefaultValue("chat.json") String message, @Nullable String subprotocol,
		@DefaultValue("") String first, @DefaultValue("client") Side from, @DefaultValue("false") boolean changes) {

	private static final int SIZE = 1024;

	private static final String FILL = "{fill}";

	/**
	 * All of them.
	 * @return the lines by the names of their pipelines, in order
	 */
	public static Map<String, PolicyLine> all() {
		StandardEnvironment environment = new StandardEnvironment();
		MutablePropertySources sources = environment.getPropertySources();
		try {
			new YamlPropertySourceLoader().load(Pipelines.BUILT_IN, new ClassPathResource(Pipelines.BUILT_IN + ".yml"))
				.forEach(sources::addLast);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return Binder.get(environment).bind("benchmark.lines", Bindable.mapOf(String.class, PolicyLine.class)).get();
	}

	/**
	 * One of them.
	 * @param name the name of its pipeline
	 * @return the line
	 */
	public static PolicyLine of(String name) {
		return Objects.requireNonNull(all().get(name),
				() -> "line: " + name + " (expected: one of " + all().keySet() + ")");
	}

	/**
	 * The message that is measured.
	 * @return 1 KiB of UTF-8
	 */
	public byte[] messageBytes() {
		return read(this.message);
	}

	/**
	 * What the client says first.
	 * @return its message in UTF-8, empty if there is none
	 */
	public byte[] firstBytes() {
		return this.first.isEmpty() ? new byte[0] : read(this.first);
	}

	private static byte[] read(String file) {
		try {
			String text = new ClassPathResource("messages/" + file).getContentAsString(StandardCharsets.UTF_8)
				.strip()
				.replace("^@", "\0");
			int missing = SIZE - text.length() + FILL.length();
			String fill = "lorem ipsum dolor sit amet ".repeat(SIZE / 27 + 1).substring(0, missing);
			return text.replace(FILL, fill).getBytes(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
