package dev.wspolicy.test;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.FileSystemResource;

import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.recording.InvalidRecordingException;

/**
 * Replays a recording through two pipelines that YAML files configure, and prints the
 * {@linkplain ReplayReport report}. Only the built-in policies are known. To replay
 * pipelines with beans, use {@link Replay} in a test.
 */
public final class ReplayCommand {

	private static final int SAME = 0;

	private static final int DIFFERENT = 1;

	private static final int FAILED = 2;

	private static final String USAGE = """
			Usage: ReplayCommand [options] <recording> <yaml>[#<pipeline>] <yaml>[#<pipeline>]

			Replays a recording through a pipeline of the first YAML file, and compares with a pipeline of
			the second one. The pipeline is 'default' unless named. Exits with 0 if there is no difference,
			with 1 if there is one, and with 2 if the recording cannot be replayed or has nothing to compare.

			  --recorded-in=<pipeline>  replay the sessions of one pipeline of the recorded gateway only
			  --fill-missing-payloads   replay messages without payload with a meaningless one
			""";

	private static final String ON_PROFILE = "spring.config.activate.on-profile";

	/** A name with dots is in brackets. */
	private static final Pattern PIPELINE = Pattern
		.compile("(?i)ws-?policy\\.pipelines(?:\\[([^\\]]+)]|\\.([^.\\[]+)).*");

	private ReplayCommand() {
	}

	/**
	 * Runs the command, and exits with its status unless that is zero.
	 * @param arguments the arguments
	 */
	public static void main(String[] arguments) {
		// The report is all that is to be read.
		LoggingSystem.get(ReplayCommand.class.getClassLoader())
			.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.ERROR);
		int status = run(System.out, System.err, arguments);
		if (status != SAME) {
			System.exit(status);
		}
	}

	static int run(PrintStream out, PrintStream err, String... arguments) {
		List<String> operands = new ArrayList<>();
		String recordedIn = null;
		boolean filler = false;
		for (String argument : arguments) {
			if (argument.startsWith("--recorded-in=")) {
				recordedIn = argument.substring("--recorded-in=".length());
			}
			else if (argument.equals("--fill-missing-payloads")) {
				filler = true;
			}
			else {
				operands.add(argument);
			}
		}
		if (operands.size() != 3 || operands.stream().anyMatch((operand) -> operand.startsWith("--"))) {
			err.print(USAGE);
			return FAILED;
		}
		try (PipelineTester before = pipeline(operands.get(1)); PipelineTester after = pipeline(operands.get(2))) {
			Replay replay = PolicyTester.replay(Path.of(operands.get(0))).through(before);
			replay = (recordedIn != null) ? replay.recordedIn(recordedIn) : replay;
			replay = filler ? replay.fillMissingPayloads() : replay;
			long begin = System.nanoTime();
			ReplayReport report = replay.comparedWith(after);
			out.print(report);
			out.printf(Locale.ROOT, "Replayed in %.1f s.%n", (System.nanoTime() - begin) / 1e9);
			if (report.messages() == 0) {
				err.println(nothingCompared(recordedIn, report));
				return FAILED;
			}
			return (report.different() == 0 && report.sessionsDifferent() == 0) ? SAME : DIFFERENT;
		}
		catch (IllegalArgumentException | InvalidRecordingException | UncheckedIOException ex) {
			err.println(ex.getMessage());
			return FAILED;
		}
		catch (RuntimeException ex) {
			// Not to be mistaken for a difference
			ex.printStackTrace(err);
			return FAILED;
		}
	}

	private static String nothingCompared(@Nullable String recordedIn, ReplayReport report) {
		String nothing = "No message has been compared.";
		if (recordedIn == null || report.pipelines().contains(recordedIn)) {
			return nothing;
		}
		return nothing + " --recorded-in: " + recordedIn + " (expected: one of " + new TreeSet<>(report.pipelines())
				+ ", which have been recorded)";
	}

	private static PipelineTester pipeline(String operand) {
		int hash = operand.lastIndexOf('#');
		String file = (hash < 0) ? operand : operand.substring(0, hash);
		String name = (hash < 0) ? PipelineDefinition.DEFAULT_NAME : operand.substring(hash + 1);
		List<EnumerablePropertySource<?>> documents = documents(file);
		Set<String> names = names(documents);
		if (!names.contains(name)) {
			throw new IllegalArgumentException(
					operand + ": no pipeline '" + name + "' (expected: one of " + names + ")");
		}
		List<PropertySource<?>> properties = documents.stream()
			.<PropertySource<?>>map((document) -> only(document, name))
			.toList();
		try {
			PipelineTester tester = PipelineTester.start(properties).pipeline(name);
			tester.replayed();
			return tester;
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(operand + ": " + ex.getMessage() + System.lineSeparator()
					+ "This command knows the built-in policies only, as far as their"
					+ " libraries are on the class path. To replay a pipeline with beans, use PolicyTester.replay"
					+ " in a test of your gateway.", ex);
		}
	}

	/** Loads the documents of a file that are not for a profile. */
	private static List<EnumerablePropertySource<?>> documents(String file) {
		List<EnumerablePropertySource<?>> documents = new ArrayList<>();
		if (!Files.isReadable(Path.of(file))) {
			throw new IllegalArgumentException(file + " cannot be read");
		}
		try {
			for (PropertySource<?> source : new YamlPropertySourceLoader().load(file, new FileSystemResource(file))) {
				if (source instanceof EnumerablePropertySource<?> document && !document.containsProperty(ON_PROFILE)) {
					documents.add(document);
				}
			}
			return documents;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(file + " cannot be read: " + ex.getMessage(), ex);
		}
		catch (RuntimeException ex) {
			// Of the parser
			throw new IllegalArgumentException(file + " cannot be read: " + ex.getMessage(), ex);
		}
	}

	/** Returns the names of all pipelines. */
	private static Set<String> names(List<EnumerablePropertySource<?>> documents) {
		Set<String> names = new TreeSet<>(Set.of(PipelineDefinition.DEFAULT_NAME));
		for (EnumerablePropertySource<?> document : documents) {
			for (String property : document.getPropertyNames()) {
				Matcher ofPipeline = PIPELINE.matcher(property);
				if (ofPipeline.matches()) {
					names.add(nameIn(ofPipeline));
				}
			}
		}
		return names;
	}

	private static String nameIn(Matcher ofPipeline) {
		String quoted = ofPipeline.group(1);
		return (quoted != null) ? quoted : ofPipeline.group(2);
	}

	/**
	 * Keeps the properties that concern one pipeline. Other pipelines may list beans,
	 * which are not there, and routes are not needed.
	 */
	private static PropertySource<?> only(EnumerablePropertySource<?> document, String pipeline) {
		Map<String, Object> kept = new LinkedHashMap<>();
		for (String name : document.getPropertyNames()) {
			Matcher ofPipeline = PIPELINE.matcher(name);
			boolean wanted = !ofPipeline.matches() || nameIn(ofPipeline).equals(pipeline)
					|| nameIn(ofPipeline).equals(PipelineDefinition.DEFAULT_NAME);
			Object value = document.getProperty(name);
			if (wanted && !name.startsWith("spring.cloud.gateway") && value != null) {
				kept.put(name, value);
			}
		}
		return new OriginTrackedMapPropertySource(document.getName(), kept);
	}

}
