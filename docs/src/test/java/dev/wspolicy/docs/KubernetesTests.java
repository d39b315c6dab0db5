package dev.wspolicy.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.env.Environment;
import org.yaml.snakeyaml.Yaml;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The manifests of the documentation and of the sample have only fields that Kubernetes
 * knows, with values of the right type. The configuration in them starts a gateway.
 */
class KubernetesTests {

	private static final Path SAMPLE = Page.ROOT.resolve("samples/kubernetes/manifests");

	private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of("v1/ConfigMap", ConfigMap.class,
			"apps/v1/Deployment", Deployment.class, "v1/Service", Service.class,
			"autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class, "networking.k8s.io/v1/Ingress",
			Ingress.class, "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class);

	private static final ObjectMapper READER = new ObjectMapper();

	private static final ObjectMapper WRITER = new ObjectMapper().setAnnotationIntrospector(new KnownFields());

	static Stream<Page.Block> manifests() throws IOException {
		try (Stream<Path> files = Files.list(SAMPLE)) {
			List<Page.Block> sample = files.filter((file) -> !file.endsWith("kustomization.yaml"))
				.map(KubernetesTests::block)
				.toList();
			return Stream.concat(Page.blocks("yaml").filter(KubernetesTests::isManifest), sample.stream());
		}
	}

	static boolean isManifest(Page.Block block) {
		return block.text().startsWith("apiVersion:");
	}

	@ParameterizedTest
	@MethodSource("manifests")
	void hasOnlyFieldsOfItsKind(Page.Block block) throws JsonProcessingException {
		assertThat(known(block.text())).isEqualTo(tree(block.text()));
	}

	@Test
	void theSampleListsAllItsManifests() throws IOException {
		Map<String, List<String>> kustomization = new Yaml()
			.load(Files.readString(SAMPLE.resolve("kustomization.yaml")));
		try (Stream<Path> files = Files.list(SAMPLE)) {
			assertThat(files.map((file) -> file.getFileName().toString())
				.filter((name) -> !name.equals("kustomization.yaml")))
				.containsExactlyInAnyOrderElementsOf(kustomization.get("resources"));
		}
	}

	@Test
	void theConfigurationOfTheSampleStartsAGateway() {
		Page.Block manifest = block(SAMPLE.resolve("configuration.yaml"));
		String yaml = ((ConfigMap) read(manifest.text())).getData().get("application.yml");
		Page.Block block = new Page.Block(manifest.file(), 1, "yaml", yaml);
		assertThat(DocumentedGateway.properties(block)).allSatisfy((source) -> assertThat(source.getPropertyNames())
			.allSatisfy((name) -> assertThat(name).matches(KnownProperties::contains, "is a known property")));
		DocumentedGateway.runner(block).run((context) -> {
			assertThat(context).hasNotFailed();
			Duration window = duration(context.getEnvironment(), "ws-policy.drain.window");
			Duration phase = duration(context.getEnvironment(), "spring.lifecycle.timeout-per-shutdown-phase");
			assertThat(window.plusSeconds(5 + 1)).isLessThanOrEqualTo(phase.multipliedBy(9).dividedBy(10));
			PodSpec pod = ((Deployment) read(block(SAMPLE.resolve("deployment.yaml")).text())).getSpec()
				.getTemplate()
				.getSpec();
			assertThat(Duration.ofSeconds(pod.getTerminationGracePeriodSeconds()))
				.isGreaterThan(phase.plusSeconds(preStop(pod)));
		});
	}

	private static Duration duration(Environment environment, String property) {
		return DurationStyle.detectAndParse(environment.getRequiredProperty(property));
	}

	private static long preStop(PodSpec pod) {
		return pod.getContainers().get(0).getLifecycle().getPreStop().getSleep().getSeconds();
	}

	@Test
	void unknownFieldsAreFound() throws JsonProcessingException {
		String manifest = "apiVersion: apps/v1\nkind: Deployment\nspec: { template: { spec: { grace: 1 } } }\n";
		assertThat(known(manifest)).isNotEqualTo(tree(manifest));
		String known = manifest.replace("grace", "terminationGracePeriodSeconds");
		assertThat(known(known)).isEqualTo(tree(known));
	}

	private static JsonNode tree(String yaml) throws JsonProcessingException {
		return READER.readTree(READER.writeValueAsString(new Yaml().<Map<String, Object>>load(yaml)));
	}

	private static JsonNode known(String yaml) throws JsonProcessingException {
		return READER.readTree(WRITER.writeValueAsString(read(yaml)));
	}

	private static Page.Block block(Path file) {
		try {
			return new Page.Block(file, 1, "yaml", Files.readString(file).replaceFirst("\\A(#.*\n)*", ""));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static HasMetadata read(String yaml) {
		Map<String, Object> manifest = new Yaml().load(yaml);
		String kind = manifest.get("apiVersion") + "/" + manifest.get("kind");
		assertThat(KINDS).containsKey(kind);
		return READER.convertValue(manifest, KINDS.get(kind));
	}

	/** The model keeps unknown fields apart, and this does not write them. */
	private static final class KnownFields extends JacksonAnnotationIntrospector {

		private static final long serialVersionUID = 1L;

		@Override
		public Boolean hasAnyGetter(Annotated annotated) {
			return false;
		}

	}

}
