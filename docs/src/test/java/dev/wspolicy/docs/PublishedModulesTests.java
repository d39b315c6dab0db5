package dev.wspolicy.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The bill of materials lists each published module, and the documentation names it. No
 * module needs the tests of another one to be built.
 */
class PublishedModulesTests {

	private static final Pom BOM = Pom.read("ws-policy-bom");

	@Test
	void bomListsThePublishedModules() throws IOException {
		List<String> published = published().map(Pom::name).toList();
		assertThat(published).contains("ws-policy-core", "ws-policy-spring-boot-starter", "ws-policy-test")
			.doesNotContain("demo-app", "benchmarks", "ws-policy-docs-tests", "ws-policy-metadata-generator");
		assertThat(BOM.managed("artifactId")).containsExactlyInAnyOrderElementsOf(published);
		assertThat(BOM.managed("groupId")).containsOnly(BOM.text("groupId"));
		assertThat(BOM.managed("version")).containsOnly("${project.version}");
	}

	/** The BOM has no parent, so nothing else keeps them equal. */
	@Test
	void bomIsOfTheSameVersionAndDate() {
		Pom root = Pom.read(".");
		for (String name : List.of("version", "groupId", "url", "licenses", "developers", "scm")) {
			assertThat(BOM.text(name)).as(name).isNotBlank().isEqualTo(root.text(name));
		}
		assertThat(BOM.property("project.build.outputTimestamp")).isNotBlank()
			.isEqualTo(root.property("project.build.outputTimestamp"));
	}

	@Test
	void publishedModulesAreDescribed() throws IOException {
		List<String> documented = Page.of("docs/architecture.md").firstColumn("Modules");
		assertThat(documented).containsAll(published().map(Pom::name).toList()).contains("ws-policy-bom");
		assertThat(published()).allSatisfy((pom) -> assertThat(pom.text("description")).isNotBlank());
	}

	/**
	 * The README installs with {@code -Dmaven.test.skip=true}: there are no tests to
	 * share then.
	 */
	@Test
	void dependOnTestsOfOtherModulesInAProfileOnly() throws IOException {
		try (Stream<Path> modules = Files.list(Page.ROOT);
				Stream<Path> samples = Files.list(Page.ROOT.resolve("samples"))) {
			assertThat(Stream.concat(modules, samples)
				.filter((folder) -> Files.exists(folder.resolve("pom.xml")))
				.filter((folder) -> !folder.endsWith("benchmarks") && !folder.endsWith("proving")))
				.hasSizeGreaterThan(10)
				.allSatisfy((folder) -> assertThat(Pom.read(Page.ROOT.relativize(folder).toString()).types())
					.doesNotContain("test-jar"));
		}
	}

	private static Stream<Pom> published() throws IOException {
		try (Stream<Path> folders = Files.list(Page.ROOT)) {
			List<Pom> poms = folders.filter((folder) -> Files.exists(folder.resolve("pom.xml")))
				.map((folder) -> Pom.read(folder.getFileName().toString()))
				.toList();
			return poms.stream()
				.filter((pom) -> !pom.text("packaging").equals("pom"))
				.filter((pom) -> !pom.property("maven.deploy.skip").equals("true"));
		}
	}

	/**
	 * The pom of a module, as written.
	 *
	 * @param root its root element
	 */
	private record Pom(Element root) {

		static Pom read(String folder) {
			try {
				return new Pom(DocumentBuilderFactory.newInstance()
					.newDocumentBuilder()
					.parse(Page.ROOT.resolve(folder).resolve("pom.xml").toFile())
					.getDocumentElement());
			}
			catch (Exception ex) {
				throw new IllegalStateException(folder, ex);
			}
		}

		String name() {
			return text("artifactId");
		}

		/** Returns the text of an element of the project itself, without white space. */
		String text(String name) {
			return children(this.root, name).map(Node::getTextContent)
				.findFirst()
				.orElse("")
				.replaceAll("\\s+", " ")
				.strip();
		}

		String property(String name) {
			return children(this.root, "properties").flatMap((properties) -> children(properties, name))
				.map(Node::getTextContent)
				.findFirst()
				.orElse("");
		}

		/** Returns the types of the dependencies that are not in a profile. */
		List<String> types() {
			return children(this.root, "dependencies").flatMap((element) -> children(element, "dependency"))
				.flatMap((element) -> children(element, "type"))
				.map(Node::getTextContent)
				.toList();
		}

		List<String> managed(String name) {
			return children(this.root, "dependencyManagement").flatMap((element) -> children(element, "dependencies"))
				.flatMap((element) -> children(element, "dependency"))
				.flatMap((element) -> children(element, name))
				.map(Node::getTextContent)
				.toList();
		}

		private static Stream<Node> children(Node parent, String name) {
			NodeList children = parent.getChildNodes();
			return IntStream.range(0, children.getLength())
				.mapToObj(children::item)
				.filter((child) -> child.getNodeName().equals(name));
		}

	}

}
