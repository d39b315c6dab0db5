package dev.wspolicy.docs;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The dependencies in the documentation have the versions of this build.
 */
class XmlBlockTests {

	static Stream<Page.Block> blocks() {
		return Page.blocks("xml");
	}

	@ParameterizedTest
	@MethodSource("blocks")
	void hasTheVersionsOfTheBuild(Page.Block block) throws Exception {
		Map<String, String> versions = versionsOfTheBuild();
		Map<String, String> build = propertiesOfTheBuild();
		Document document = parse("<block>" + block.text().replaceFirst("<\\?xml.*\\?>", "") + "</block>");
		Map<String, String> properties = properties(document);
		properties.keySet().retainAll(build.keySet());
		assertThat(build).containsAllEntriesOf(properties);
		properties.putAll(properties(document));
		List<Element> artifacts = Stream.of("dependency", "parent", "plugin")
			.flatMap((name) -> elements(document, name))
			.toList();
		assertThat(artifacts).isNotEmpty().allSatisfy((artifact) -> {
			String id = text(artifact, "groupId") + ":" + text(artifact, "artifactId");
			String version = resolve(text(artifact, "version"), properties);
			if (version == null) {
				assertThat(id).as("has a version, or one that Spring manages")
					.doesNotStartWith("dev.wspolicy:")
					.doesNotStartWith("com.bucket4j:")
					.doesNotStartWith("com.google.re2j:");
			}
			else {
				assertThat(versions).as(block.toString()).containsEntry(id, version);
			}
		});
	}

	@Test
	void theTableOfVersionsIsThatOfTheBuild() throws Exception {
		Map<String, String> properties = propertiesOfTheBuild();
		List<String> rows = Page.of("docs/compatibility.md")
			.section("Versions")
			.stream()
			.filter((line) -> line.startsWith("| "))
			.skip(2)
			.map((line) -> line.split(" \\| ")[1])
			.toList();
		assertThat(rows).containsExactly(properties.get("maven.compiler.release"),
				properties.get("spring-boot.version"), properties.get("spring-cloud.version"),
				properties.get("netty.version"), properties.get("bucket4j.version"), properties.get("re2j.version"),
				properties.get("json-schema-validator.version"), properties.get("spring-boot-admin.version"));
	}

	private static Map<String, String> propertiesOfTheBuild() throws Exception {
		return properties(parse(Files.readString(Page.ROOT.resolve("pom.xml"))));
	}

	private static Map<String, String> versionsOfTheBuild() throws Exception {
		Document pom = parse(Files.readString(Page.ROOT.resolve("pom.xml")));
		Map<String, String> properties = properties(pom);
		properties.put("project.version", String.valueOf(text(pom.getDocumentElement(), "version")));
		Map<String, String> versions = new TreeMap<>();
		Document bom = parse(Files.readString(Page.ROOT.resolve("ws-policy-bom/pom.xml")));
		Stream.of(bom, pom)
			.flatMap((document) -> elements(document, "dependency"))
			.forEach((dependency) -> versions.put(text(dependency, "groupId") + ":" + text(dependency, "artifactId"),
					String.valueOf(resolve(text(dependency, "version"), properties))));
		versions.put("org.springframework.boot:spring-boot-starter-parent",
				String.valueOf(properties.get("spring-boot.version")));
		return versions;
	}

	private static @Nullable String resolve(@Nullable String version, Map<String, String> properties) {
		return (version != null && version.startsWith("${"))
				? properties.get(version.substring(2, version.length() - 1)) : version;
	}

	private static Map<String, String> properties(Document document) {
		Map<String, String> properties = new TreeMap<>();
		elements(document, "properties").limit(1)
			.flatMap((element) -> nodes(element.getChildNodes()))
			.filter(Element.class::isInstance)
			.forEach((node) -> properties.put(node.getNodeName(), node.getTextContent().strip()));
		return properties;
	}

	private static Stream<Element> elements(Document document, String name) {
		return nodes(document.getElementsByTagName(name)).map(Element.class::cast);
	}

	private static @Nullable String text(Element parent, String name) {
		return nodes(parent.getChildNodes()).filter((node) -> node.getNodeName().equals(name))
			.map((node) -> node.getTextContent().strip())
			.findFirst()
			.orElse(null);
	}

	private static Stream<Node> nodes(NodeList list) {
		return IntStream.range(0, list.getLength()).mapToObj(list::item);
	}

	private static Document parse(String xml) throws Exception {
		return DocumentBuilderFactory.newInstance()
			.newDocumentBuilder()
			.parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
	}

}
