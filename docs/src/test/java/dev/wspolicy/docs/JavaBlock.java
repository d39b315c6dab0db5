package dev.wspolicy.docs;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * A block of Java, compiled. Each has a package of its own.
 *
 * @param block the block
 * @param problems what the compiler says, warnings included
 * @param folder where the classes are
 */
record JavaBlock(Page.Block block, List<String> problems, Path folder) {

	/** What the examples leave out. */
	private static final List<String> IMPORTS = List.of("dev.wspolicy.frame.*", "dev.wspolicy.json.JsonMessage",
			"dev.wspolicy.policy.json.*", "dev.wspolicy.policies.*", "dev.wspolicy.policies.security.*",
			"dev.wspolicy.policy.*", "java.security.Principal", "java.util.concurrent.CompletionStage",
			"java.util.concurrent.ConcurrentHashMap", "dev.wspolicy.session.*", "dev.wspolicy.gateway.UpstreamDialer",
			"dev.wspolicy.gateway.WsPolicyGatewayFilterFactory", "jakarta.validation.constraints.*", "java.time.*",
			"java.util.*", "java.util.concurrent.atomic.*", "java.util.regex.Pattern", "org.apache.commons.logging.Log",
			"org.apache.commons.logging.LogFactory", "org.junit.jupiter.api.Test",
			"org.springframework.boot.context.properties.bind.DefaultValue",
			"org.springframework.cloud.gateway.route.RouteLocator",
			"org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder",
			"org.springframework.context.annotation.*", "org.springframework.context.event.EventListener",
			"org.springframework.core.annotation.Order", "org.springframework.http.*",
			"org.springframework.stereotype.Component", "reactor.core.publisher.Mono",
			"reactor.core.scheduler.Schedulers", "reactor.netty.http.HttpProtocol",
			"reactor.netty.http.client.HttpClient", "static org.assertj.core.api.Assertions.assertThat",
			"static org.mockito.Mockito.mock", "tools.jackson.databind.JsonNode",
			"tools.jackson.databind.json.JsonMapper");

	private static final Pattern DECLARATION = Pattern
		.compile("(@|(public|final|abstract|sealed|class|interface|record|enum)\\s)");

	private static @Nullable List<JavaBlock> compiled;

	/** All blocks of all pages, compiled once. */
	static synchronized List<JavaBlock> all() {
		List<JavaBlock> blocks = compiled;
		if (blocks == null) {
			blocks = Page.blocks("java").map(JavaBlock::compile).toList();
			compiled = blocks;
		}
		return blocks;
	}

	private static JavaBlock compile(Page.Block block) {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		if (compiler == null) {
			throw new IllegalStateException("The docs are compiled by their tests: run these on a JDK, not on a JRE");
		}
		String packageName = packageName(block);
		Path folder = Path.of("target", "docs-classes", packageName);
		DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
		StringWriter output = new StringWriter();
		List<String> options = List.of("-d", newFolder(folder).toString(), "-classpath",
				System.getProperty("java.class.path"), "-proc:none", "-parameters", "-implicit:none", "--release", "17",
				"-Xlint:deprecation,removal,rawtypes,unchecked");
		boolean done = compiler
			.getTask(output, null, diagnostics, options, null, List.of(new Source(packageName, source(block))))
			.call();
		List<String> problems = new ArrayList<>(
				diagnostics.getDiagnostics().stream().map((diagnostic) -> describe(block, diagnostic)).toList());
		if (!done && problems.isEmpty()) {
			problems.add(output.toString());
		}
		return new JavaBlock(block, problems, folder);
	}

	private static String packageName(Page.Block block) {
		String page = block.file().getFileName().toString().replace(".md", "").replace('-', '_');
		return page.toLowerCase(Locale.ROOT) + "_" + block.line();
	}

	/**
	 * All that is put in front stands on the first line, so that the compiler's line
	 * numbers fit.
	 */
	private static String source(Page.Block block) {
		String imports = IMPORTS.stream().map((name) -> "import " + name + "; ").collect(Collectors.joining());
		String head = "package " + packageName(block) + "; " + imports;
		if (DECLARATION.matcher(block.text()).lookingAt()) {
			return head + block.text();
		}
		return head + "class Policy implements FramePolicy { public Verdict apply(Frame frame, FrameContext context) { "
				+ block.text() + " } }";
	}

	private static String describe(Page.Block block, Diagnostic<? extends JavaFileObject> diagnostic) {
		long line = block.line() + Math.max(diagnostic.getLineNumber() - 1, 0);
		return Page.ROOT.relativize(block.file()) + ":" + line + ": " + diagnostic.getMessage(Locale.ROOT);
	}

	private static Path newFolder(Path folder) {
		try {
			FileSystemUtils.deleteRecursively(folder);
			return Files.createDirectories(folder);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The names of the classes that do not stand inside others. */
	Stream<String> classNames() {
		String packageName = packageName(this.block);
		String[] files = this.folder.resolve(packageName).toFile().list();
		return Arrays.stream((files != null) ? files : new String[0])
			.filter((file) -> !file.contains("$"))
			.sorted()
			.map((file) -> packageName + "." + file.replace(".class", ""));
	}

	@Override
	public String toString() {
		return this.block.toString();
	}

	private static final class Source extends SimpleJavaFileObject {

		private final String text;

		Source(String name, String text) {
			super(URI.create("docs:///" + name + ".java"), Kind.SOURCE);
			this.text = text;
		}

		@Override
		public CharSequence getCharContent(boolean ignoreEncodingErrors) {
			return this.text;
		}

		@Override
		public boolean isNameCompatible(String simpleName, Kind kind) {
			return true;
		}

	}

}
