package dev.wspolicy.pipeline;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.Mockito;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.FramePipeline.Cursor;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What a pipeline comes to for a route and a subprotocol.
 */
class PipelineCatalogTests {

	private final List<String> asked = new ArrayList<>();

	private final PolicyBinding a = binding("a");

	private final PolicyBinding b = binding("b");

	private final PolicyBinding c = binding("c");

	private PolicyBinding binding(String name) {
		return PolicyBinding.of(name, (frame, context) -> {
			this.asked.add(name);
			return Verdict.forward();
		});
	}

	private static PolicyBinding on(PolicyBinding binding, List<String> routes, List<String> subprotocols) {
		return new PolicyBinding(binding.name(), binding.policy(), binding.directions(), binding.types(),
				binding.granularity(), binding.onError(), routes.stream().map(NamePattern::of).toList(),
				subprotocols.stream().map(NamePattern::of).toList());
	}

	private static PipelineDefinition definition(String name, List<PolicyBinding> inbound,
			List<PolicyBinding> outbound) {
		return new PipelineDefinition(name, inbound, outbound,
				SessionSettings.builder()
					.limits(Direction.INBOUND, new Limits(1, 2, 3))
					.limits(Direction.OUTBOUND, new Limits(4, 5, 6))
					.wireOptions(WireOptions.of(Masking.REMASK))
					.contentType("text/plain")
					.build());
	}

	private static PipelineCatalog catalog(List<PolicyBinding> annotated, PipelineDefinition... definitions) {
		List<PipelineDefinition> all = new ArrayList<>(List.of(definition("default", List.of(), List.of())));
		all.addAll(Arrays.asList(definitions));
		return new PipelineCatalog(all, annotated);
	}

	/** The policies of a direction that see a text, in order. */
	private List<String> policies(SessionPipeline pipeline, Direction direction) {
		this.asked.clear();
		pipeline.policies(direction)
			.messages()
			.run(TextFrame.of("x"), FrameType.TEXT, new Cursor(), Mockito.mock(FrameContext.class), new long[8]);
		return List.copyOf(this.asked);
	}

	private List<String> inbound(PipelineCatalog catalog, String name, String route, @Nullable String subprotocol) {
		return policies(catalog.resolve(name, route, subprotocol), Direction.INBOUND);
	}

	@Test
	void annotatedPoliciesComeFirst() {
		PipelineCatalog catalog = catalog(List.of(this.c),
				definition("chat", List.of(this.b, this.a), List.of(this.a)));
		SessionPipeline chat = catalog.resolve("chat", "route", null);
		assertThat(policies(chat, Direction.INBOUND)).containsExactly("c", "b", "a");
		assertThat(policies(chat, Direction.OUTBOUND)).containsExactly("c", "a");
		assertThat(inbound(catalog, "default", "route", null)).containsExactly("c");
	}

	@Test
	void annotatedPolicyThatIsListedRunsWhereItIsListed() {
		PipelineCatalog catalog = catalog(List.of(this.a, this.b),
				definition("chat", List.of(this.c, this.a), List.of()));
		SessionPipeline chat = catalog.resolve("chat", "route", null);
		assertThat(policies(chat, Direction.INBOUND)).containsExactly("b", "c", "a");
		assertThat(policies(chat, Direction.OUTBOUND)).containsExactly("a", "b");
	}

	@Test
	void annotatedPolicyServesItsDirections() {
		PipelineCatalog catalog = catalog(List.of(this.a.in(Direction.INBOUND), this.b.in(Direction.OUTBOUND)));
		SessionPipeline pipeline = catalog.resolve("default", "route", null);
		assertThat(policies(pipeline, Direction.INBOUND)).containsExactly("a");
		assertThat(policies(pipeline, Direction.OUTBOUND)).containsExactly("b");
	}

	@Test
	void policyMayBeListedTwice() {
		PipelineCatalog catalog = catalog(List.of(), definition("chat", List.of(this.a, this.b, this.a), List.of()));
		assertThat(inbound(catalog, "chat", "route", null)).containsExactly("a", "b", "a");
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-",
			value = { "chat-1, v1, ab", "chat-1, v2, a", "chat-1, -, a", "news, v1, b", "news, -, ''" })
	void annotatedPolicyServesItsRoutesAndSubprotocols(String route, @Nullable String subprotocol, String expected) {
		PipelineCatalog catalog = catalog(
				List.of(on(this.a, List.of("chat-*"), List.of()), on(this.b, List.of(), List.of("v1", "v3"))));
		assertThat(String.join("", inbound(catalog, "default", route, subprotocol))).isEqualTo(expected);
	}

	@Test
	void listedPolicyServesAllRoutes() {
		PipelineCatalog catalog = catalog(List.of(),
				definition("chat", List.of(on(this.a, List.of("other"), List.of("v1"))), List.of()));
		assertThat(inbound(catalog, "chat", "route", null)).containsExactly("a");
	}

	@Test
	void settingsAreThoseOfTheDefinition() {
		PipelineDefinition definition = definition("chat", List.of(), List.of());
		SessionPipeline chat = catalog(List.of(), definition).resolve("chat", "route", null);
		assertThat(chat.name()).isEqualTo("chat");
		assertThat(chat.settings()).isSameAs(definition.settings());
		assertThat(chat.settings().limits(Direction.INBOUND)).isEqualTo(new Limits(1, 2, 3));
		assertThat(chat.settings().limits(Direction.OUTBOUND)).isEqualTo(new Limits(4, 5, 6));
	}

	@Test
	void eachPolicyHearsOfTheSessionOnce() {
		PipelineCatalog catalog = catalog(List.of(this.c),
				definition("chat", List.of(this.a, this.b), List.of(this.b, this.a)));
		assertThat(catalog.resolve("chat", "route", null).policies()).containsExactly(this.c.policy(), this.a.policy(),
				this.b.policy());
	}

	@Test
	void resolvesOnceForARouteAndSubprotocol() {
		PipelineCatalog catalog = catalog(List.of());
		SessionPipeline pipeline = catalog.resolve("default", "route", "v1");
		assertThat(catalog.resolve("default", "route", "v1")).isSameAs(pipeline);
		assertThat(catalog.resolve("default", "route", "v2")).isNotSameAs(pipeline);
		assertThat(catalog.resolve("default", "route", null)).isNotSameAs(pipeline);
		assertThat(catalog.resolve("default", "other", "v1")).isNotSameAs(pipeline);
	}

	@Test
	void remembersOnlySoMany() {
		PipelineCatalog catalog = catalog(List.of());
		for (int i = 0; i < 1024; i++) {
			catalog.resolve("default", "route", "v" + i);
		}
		assertThat(catalog.resolve("default", "route", "v1")).isSameAs(catalog.resolve("default", "route", "v1"));
		assertThat(catalog.resolve("default", "route", "new")).isNotSameAs(catalog.resolve("default", "route", "new"));
	}

	@Test
	void aPolicyPerSessionIsMadeForEachSessionAndTheRestIsShared() {
		List<FramePolicy> made = new ArrayList<>();
		PolicyBinding own = this.b.types(FrameType.TEXT, FrameType.CLOSE).perSession(() -> {
			FramePolicy policy = (frame, context) -> {
				this.asked.add("own");
				return Verdict.forward();
			};
			made.add(policy);
			return policy;
		});
		PipelineCatalog catalog = catalog(List.of(), definition("chat", List.of(this.a, own), List.of(own)),
				definition("news", List.of(this.a), List.of()));
		assertThat(made).isEmpty();
		SessionPipeline first = catalog.resolve("chat", "route", null);
		SessionPipeline second = catalog.resolve("chat", "route", null);
		assertThat(made).hasSize(4);
		assertThat(first.policies()).containsExactly(this.a.policy(), made.get(0), made.get(1));
		assertThat(second.policies()).containsExactly(this.a.policy(), made.get(2), made.get(3));
		assertThat(catalog.resolve("news", "route", null)).isSameAs(catalog.resolve("news", "route", null));
		first.inbound()
			.messages()
			.run(TextFrame.of("x"), FrameType.TEXT, new Cursor(), Mockito.mock(FrameContext.class), new long[8]);
		assertThat(this.asked).containsExactly("a", "own");
		assertThatIllegalStateException()
			.isThrownBy(() -> own.policy().apply(TextFrame.of("x"), Mockito.mock(FrameContext.class)));
	}

	@Test
	void equalPoliciesAreNotTheSame() {
		record Equal() implements FramePolicy {

			@Override
			public Verdict apply(Frame frame, FrameContext context) {
				return Verdict.forward();
			}

		}
		PolicyBinding one = PolicyBinding.of("one", new Equal());
		PolicyBinding other = PolicyBinding.of("other", new Equal());
		assertThat(one.policy()).isEqualTo(other.policy());
		PipelineCatalog catalog = catalog(List.of(), definition("chat", List.of(one, other), List.of(one)));
		assertThat(catalog.resolve("chat", "route", null).policies()).hasSize(2)
			.satisfiesExactly((policy) -> assertThat(policy).isSameAs(one.policy()),
					(policy) -> assertThat(policy).isSameAs(other.policy()));
	}

	@Test
	void knowsItsNames() {
		PipelineDefinition chat = definition("chat", List.of(), List.of());
		PipelineCatalog catalog = catalog(List.of(), chat);
		assertThat(catalog.names()).isEqualTo(Set.of("default", "chat"));
		assertThat(catalog.definition("chat")).isSameAs(chat);
		assertThatIllegalArgumentException().isThrownBy(() -> catalog.definition("news"))
			.withMessageContaining("'news'");
		assertThatIllegalArgumentException().isThrownBy(() -> catalog.resolve("news", "route", null));
	}

	@Test
	void defaultPipelineIsNeeded() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new PipelineCatalog(List.of(definition("chat", List.of(), List.of())), List.of()))
			.withMessageContaining("'default'");
	}

	@Test
	void definitionCopiesItsLists() {
		List<PolicyBinding> inbound = new ArrayList<>(List.of(this.a));
		PipelineDefinition definition = definition("chat", inbound, List.of());
		inbound.clear();
		assertThat(definition.listed(Direction.INBOUND)).containsExactly(this.a);
		assertThat(definition.listed(Direction.OUTBOUND)).isEmpty();
	}

	@Test
	void bindingSeesDataMessagesUnlessItSaysOtherwise() {
		FramePolicy policy = this.a.policy();
		PolicyBinding binding = PolicyBinding.of("a", policy);
		assertThat(binding.types()).isEqualTo(Set.of(FrameType.TEXT, FrameType.BINARY));
		assertThat(binding.directions()).isEqualTo(Set.of(Direction.values()));
		assertThat(binding.onError()).isEqualTo(OnError.CLOSE);
		assertThat(binding.onError(OnError.DROP).onError()).isEqualTo(OnError.DROP);
	}

	@ParameterizedTest
	@CsvSource({ "0, 1, 1", "1, 0, 1", "1, 1, 0", "-1, 1, 1" })
	void limitsAreAtLeastOne(long frame, long message, long fragments) {
		assertThatIllegalArgumentException().isThrownBy(() -> new Limits(frame, message, fragments));
	}

	@Test
	void bindingIsAsItsAnnotationSays() {
		PolicyBinding binding = PolicyBinding.of("annotated", new Annotated(),
				Annotated.class.getAnnotation(WsPolicy.class));
		assertThat(binding.directions()).isEqualTo(Set.of(Direction.OUTBOUND));
		assertThat(binding.types()).isEqualTo(Set.of(FrameType.PING));
		assertThat(binding.granularity()).isEqualTo(Granularity.FRAME);
		assertThat(binding.onError()).isEqualTo(OnError.DROP);
		assertThat(binding.routes()).hasToString("[chat*, news]");
		assertThat(binding.subprotocols()).hasToString("[v1]");
	}

	@Test
	void policyOnTextIsShownTextAlone() {
		TextPolicy policy = (text, context) -> Verdict.forward();
		assertThat(PolicyBinding.of("text", policy, null).types()).isEqualTo(Set.of(FrameType.TEXT));
		assertThat(PolicyBinding.of("a", this.a.policy(), null).types()).isEqualTo(PolicyBinding.DATA);
	}

	@Test
	void policyPerSessionDelaysAsItsPrototype() {
		MaxDelay delay = new MaxDelay(Duration.ofSeconds(1), "wait");
		FramePolicy prototype = Mockito.mock(FramePolicy.class);
		List<FramePolicy> listed = List.of(prototype);
		Mockito.when(prototype.maxDelay(listed)).thenReturn(delay);
		assertThat(PolicyBinding.of("own", prototype).perSession(() -> prototype).policy().maxDelay(listed))
			.isSameAs(delay);
	}

	@Test
	void listsPoliciesForAnySubprotocol() {
		PipelineCatalog catalog = catalog(List.of(on(this.a, List.of(), List.of("v1"))),
				definition("chat", List.of(this.b), List.of()));
		assertThat(catalog.policies("chat", Direction.INBOUND, "route")).extracting(PolicyBinding::name)
			.containsExactly("a", "b");
	}

	@Test
	void sessionPipelineKnowsThePoliciesOfBothDirections() {
		SessionPipeline chat = catalog(List.of(),
				definition("chat", List.of(this.a), List.of(this.b.granularity(Granularity.FRAME))))
			.resolve("chat", "route", null);
		assertThat(chat.hasPolicy("a")).isTrue();
		assertThat(chat.hasPolicy("b")).isTrue();
		assertThat(chat.hasPolicy("c")).isFalse();
	}

	@WsPolicy(direction = Direction.OUTBOUND, types = FrameType.PING, granularity = Granularity.FRAME,
			onError = OnError.DROP, routes = { "chat*", "news" }, subprotocols = "v1")
	private static final class Annotated implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.forward();
		}

	}

}
