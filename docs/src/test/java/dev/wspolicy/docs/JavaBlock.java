package dev.wspolicy.docs;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
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
 * A compiled block of Java. A block that begins with a package statement is a file: it is
 * compiled as it is, together with the other files of its page. Any other block has its
 * own package.
 *
 * @param block the block
 * @param packageName the package of its classes
 * @param problems the compiler's errors and warnings
 * @param folder the folder of the compiled classes
 */
record JavaBlock(Page.Block block, String packageName, List<String> problems, Path folder) {

	/** The imports that the examples omit. */
	private static final List<String> IMPORTS = List.of("dev.wspolicy.fleet.*", "dev.wspolicy.frame.*",
			"dev.wspolicy.json.JsonMessage", "dev.wspolicy.policy.json.*", "dev.wspolicy.builtin.*",
			"dev.wspolicy.builtin.access.*", "dev.wspolicy.builtin.security.*", "dev.wspolicy.policy.*",
			"java.security.Principal", "java.util.concurrent.CompletionStage", "java.util.concurrent.ConcurrentHashMap",
			"dev.wspolicy.session.*", "dev.wspolicy.test.*", "java.util.concurrent.CompletableFuture",
			"java.util.function.Predicate", "dev.wspolicy.gateway.UpstreamDialer",
			"dev.wspolicy.gateway.WsPolicyGatewayFilterFactory", "java.nio.file.Path",
			"jakarta.validation.constraints.*", "java.time.*", "org.jspecify.annotations.Nullable",
			"org.springframework.aot.hint.RuntimeHints", "org.springframework.aot.hint.RuntimeHintsRegistrar",
			"java.util.*", "java.util.concurrent.atomic.*", "java.util.regex.Pattern", "org.apache.commons.logging.Log",
			"org.apache.commons.logging.LogFactory", "org.junit.jupiter.api.AutoClose", "org.junit.jupiter.api.Test",
			"org.junit.jupiter.api.extension.RegisterExtension", "org.springframework.boot.test.context.SpringBootTest",
			"org.springframework.boot.test.web.server.LocalServerPort",
			"org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory",
			"org.springframework.boot.web.server.WebServerFactoryCustomizer",
			"org.springframework.test.context.DynamicPropertyRegistry",
			"org.springframework.test.context.DynamicPropertySource",
			"org.springframework.boot.context.properties.bind.DefaultValue",
			"org.springframework.cloud.gateway.route.RouteLocator",
			"org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder",
			"org.springframework.context.annotation.*", "org.springframework.context.event.EventListener",
			"org.springframework.core.annotation.Order", "org.springframework.http.*",
			"org.springframework.stereotype.Component", "reactor.core.publisher.Mono",
			"reactor.core.scheduler.Schedulers", "reactor.netty.http.HttpProtocol",
			"reactor.netty.http.client.HttpClient", "static org.assertj.core.api.Assertions.assertThat",
			"tools.jackson.databind.JsonNode", "tools.jackson.databind.json.JsonMapper");

	private static final Pattern DECLARATION = Pattern
		.compile("(@|(public|final|abstract|sealed|class|interface|record|enum)\\s)");

	private static final Pattern PACKAGE = Pattern.compile("package ([\\w.]+);");

	private static final Pattern TYPE = Pattern
		.compile("(?m)^(?:(?:public|final|abstract) )*(?:class|interface|record|enum) (\\w+)");

	private static @Nullable List<JavaBlock> compiled;

	/** All blocks of all pages, compiled once. */
	static synchronized List<JavaBlock> all() {
		List<JavaBlock> blocks = compiled;
		if (blocks == null) {
			blocks = compileAll();
			compiled = blocks;
		}
		return blocks;
	}

	/**
	 * Compiles the files of each page together, and all examples together: the compiler
	 * spends most of its time opening the jars of the class path.
	 */
	private static List<JavaBlock> compileAll() {
		List<Page> pages = Page.all().toList();
		Map<Page.Block, JavaBlock> examples = compileExamples(
				pages.stream().flatMap((page) -> blocks(page, false)).toList())
			.collect(Collectors.toMap(JavaBlock::block, Function.identity()));
		return pages.stream()
			.flatMap((page) -> Stream.concat(compile(blocks(page, true).toList()).stream(),
					blocks(page, false).map(examples::get)))
			.toList();
	}

	private static Stream<JavaBlock> compileExamples(List<Page.Block> examples) {
		List<JavaBlock> together = compile(examples);
		boolean clean = together.stream().allMatch((block) -> block.problems().isEmpty());
		// An error in one example can keep the compiler from the others
		return clean ? together.stream() : examples.stream().flatMap((example) -> compile(List.of(example)).stream());
	}

	/** Returns the blocks of Java that are files, or those that are examples. */
	private static Stream<Page.Block> blocks(Page page, boolean files) {
		return page.blocks()
			.stream()
			.filter((block) -> block.language().equals("java"))
			.filter((block) -> PACKAGE.matcher(block.text()).lookingAt() == files);
	}

	/** Compiles blocks together. Each gets the problems in its own lines. */
	private static List<JavaBlock> compile(List<Page.Block> blocks) {
		if (blocks.isEmpty()) {
			return List.of();
		}
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		if (compiler == null) {
			throw new IllegalStateException("The docs are compiled by their tests: run these on a JDK, not on a JRE");
		}
		List<Source> sources = blocks.stream().map(Source::new).toList();
		// Surefire runs several processes.
		String process = String.valueOf(ProcessHandle.current().pid());
		Path folder = Path.of("target", "docs-classes", process, ownPackage(blocks.get(0)));
		DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
		StringWriter output = new StringWriter();
		List<String> options = List.of("-d", newFolder(folder).toString(), "-classpath",
				System.getProperty("java.class.path"), "-proc:none", "-parameters", "-implicit:none", "--release", "17",
				"-Xlint:deprecation,removal,rawtypes,unchecked");
		boolean done = compiler.getTask(output, null, diagnostics, options, null, sources).call();
		List<JavaBlock> compiled = new ArrayList<>();
		for (Source source : sources) {
			List<String> problems = new ArrayList<>();
			for (Diagnostic<? extends JavaFileObject> diagnostic : diagnostics.getDiagnostics()) {
				if (diagnostic.getSource() == null || source.is(diagnostic.getSource())) {
					problems.add(describe(source.block, diagnostic));
				}
			}
			if (!done && diagnostics.getDiagnostics().isEmpty()) {
				problems.add(output.toString());
			}
			compiled.add(new JavaBlock(source.block, packageName(source.block), problems, folder));
		}
		return compiled;
	}

	private static String packageName(Page.Block block) {
		Matcher matcher = PACKAGE.matcher(block.text());
		return matcher.lookingAt() ? matcher.group(1) : ownPackage(block);
	}

	private static String ownPackage(Page.Block block) {
		String page = block.file().getFileName().toString().replace(".md", "").replace('-', '_');
		return page.toLowerCase(Locale.ROOT) + "_" + block.line();
	}

	/**
	 * Everything that is prepended goes on the first line, so that the compiler's line
	 * numbers match those of the block.
	 */
	private static String source(Page.Block block) {
		if (PACKAGE.matcher(block.text()).lookingAt()) {
			return block.text();
		}
		String imports = IMPORTS.stream().map((name) -> "import " + name + "; ").collect(Collectors.joining());
		String head = "package " + ownPackage(block) + "; " + imports;
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

	/** Returns the names of the top-level classes. */
	Stream<String> classNames() {
		return TYPE.matcher(this.block.text()).results().map((type) -> this.packageName + "." + type.group(1));
	}

	@Override
	public String toString() {
		return this.block.toString();
	}

	private static final class Source extends SimpleJavaFileObject {

		private final Page.Block block;

		Source(Page.Block block) {
			super(URI.create("docs:///" + ownPackage(block) + ".java"), Kind.SOURCE);
			this.block = block;
		}

		@Override
		public CharSequence getCharContent(boolean ignoreEncodingErrors) {
			return source(this.block);
		}

		@Override
		public boolean isNameCompatible(String simpleName, Kind kind) {
			return !simpleName.equals("package-info");
		}

		boolean is(JavaFileObject source) {
			return source.toUri().equals(toUri());
		}

	}

}
