package dev.wspolicy.autoconfigure;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.WaterMarks;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the settings of pipelines that set few of them, or none.
 */
class PipelineDefaultsTests {

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(Application.class);

	@Test
	void nothingConfigured() {
		this.runner.run((context) -> {
			PipelineCatalog catalog = context.getBean(PipelineCatalog.class);
			assertThat(catalog.names()).containsExactly("default");
			PipelineDefinition definition = catalog.definition("default");
			assertThat(definition.settings().timeouts()).isEqualTo(Timeouts.DEFAULT);
			assertThat(definition.settings().waterMarks()).isEqualTo(WaterMarks.DEFAULT);
			assertThat(definition.settings().inboundLimits()).isEqualTo(new Limits(Long.MAX_VALUE, 1024 * 1024, 1024));
			assertThat(definition.settings().outboundLimits())
				.isEqualTo(new Limits(Long.MAX_VALUE, 16 * 1024 * 1024, 64 * 1024));
		});
	}

	@Test
	void pipelinesInheritFromTheDefaultOne() {
		this.runner
			.withPropertyValues("ws-policy.pipelines.default.limits.inbound-message=5KB",
					"ws-policy.pipelines.default.session.close-timeout=2s",
					"ws-policy.pipelines.default.session.high-water-mark=256KB",
					"ws-policy.pipelines.chat.session.low-water-mark=128KB",
					"ws-policy.pipelines.default.limits.outbound-fragments=9",
					"ws-policy.pipelines.chat.limits.fragments=-1", "ws-policy.pipelines.chat.on-loss.client=4000",
					"ws-policy.pipelines.other.on-loss.upstream=abort", "ws-policy.pipelines.news.limits.fragments=7",
					"ws-policy.pipelines.news.limits.inbound-fragments=5")
			.run((context) -> {
				PipelineDefinition chat = context.getBean(PipelineCatalog.class).definition("chat");
				assertThat(chat.settings().inboundLimits())
					.isEqualTo(new Limits(Long.MAX_VALUE, 5 * 1024, Long.MAX_VALUE));
				assertThat(chat.settings().outboundLimits().fragments()).isEqualTo(Long.MAX_VALUE);
				PipelineDefinition news = context.getBean(PipelineCatalog.class).definition("news");
				assertThat(news.settings().inboundLimits().fragments()).isEqualTo(5);
				assertThat(news.settings().outboundLimits().fragments()).isEqualTo(7);
				PipelineDefinition first = context.getBean(PipelineCatalog.class).definition("default");
				assertThat(first.settings().inboundLimits().fragments()).isEqualTo(1024);
				assertThat(first.settings().outboundLimits().fragments()).isEqualTo(9);
				assertThat(chat.settings().timeouts().close()).hasSeconds(2);
				assertThat(chat.settings().waterMarks()).isEqualTo(new WaterMarks(128 * 1024, 256 * 1024));
				assertThat(chat.settings().lostClient().code()).isEqualTo(4000);
				assertThat(chat.settings().lostUpstream().code()).isEqualTo(1011);
				assertThat(context.getBean(PipelineCatalog.class).definition("other").settings().lostUpstream())
					.isNull();
			});
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	@Import(AbstractConfigurationTests.Policies.class)
	static class Application {

	}

}
