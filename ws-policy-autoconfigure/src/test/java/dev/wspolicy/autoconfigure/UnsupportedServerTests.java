package dev.wspolicy.autoconfigure;

import org.junit.jupiter.api.Test;
import org.springframework.asm.ClassWriter;
import org.springframework.asm.Opcodes;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.reactive.ReactiveWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.reactive.HttpHandler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that start-up fails, with a report that says what to do, where ws-policy would
 * have no effect or no session could open.
 */
class UnsupportedServerTests extends AbstractConfigurationTests {

	private final WebApplicationContextRunner servlet = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(WsPolicyServletAutoConfiguration.class));

	@Test
	void servletGateway() {
		this.servlet.withClassLoader(new ServletGatewayClassLoader()).run((context) -> {
			FailureAnalysis analysis = new InvalidPipelineFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(analysis.getDescription()).isEqualTo(
					"This is a servlet application, because the servlet gateway, 'spring-cloud-gateway-server-webmvc', is on the class path. ws-policy governs the sessions of the reactive gateway only.");
			assertThat(analysis.getAction()).isEqualTo(
					"Replace 'spring-cloud-starter-gateway-server-webmvc' with 'spring-cloud-starter-gateway-server-webflux'. To keep the servlet gateway, remove 'ws-policy-spring-boot-starter'.");
		});
	}

	@Test
	void servletApplication() {
		this.servlet.run((context) -> {
			FailureAnalysis analysis = new InvalidPipelineFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(analysis.getDescription()).contains("because Spring MVC is on the class path");
			assertThat(analysis.getAction()).contains("'spring.main.web-application-type' to 'reactive'");
		});
	}

	@Test
	void servletApplicationWithoutWsPolicy() {
		this.servlet.withPropertyValues("ws-policy.enabled=false").run((context) -> assertThat(context).hasNotFailed());
		this.servlet.withPropertyValues("spring.cloud.gateway.server.webflux.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void reactiveApplication() {
		this.runner.withClassLoader(new ServletGatewayClassLoader())
			.withConfiguration(AutoConfigurations.of(WsPolicyServletAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void anotherServer() {
		FailureAnalysis analysis = analyze(this.runner.withUserConfiguration(OtherServer.class));
		assertThat(analysis.getDescription())
			.isEqualTo("The web server is created by '" + OtherServerFactory.class.getName()
					+ "', but ws-policy requires Reactor Netty, whose connections it takes over.");
		assertThat(analysis.getAction()).isEqualTo(
				"Remove the other server from the class path, and add 'spring-boot-starter-reactor-netty'. If a bean of yours creates the server, let it be a 'NettyReactiveWebServerFactory'. To run without ws-policy, set 'ws-policy.enabled' to false.");
	}

	@Test
	void anotherServerWithoutWsPolicy() {
		this.runner.withUserConfiguration(OtherServer.class)
			.withPropertyValues("ws-policy.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed());
		this.runner.withUserConfiguration(OtherServer.class)
			.withPropertyValues("spring.cloud.gateway.server.webflux.global-filter.ws-policy-routing.enabled=false",
					"spring.cloud.gateway.server.webflux.global-filter.web-socket-upgrade.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void aServerDerivedFromNetty() {
		this.runner.withBean(ReactiveWebServerFactory.class, () -> new NettyReactiveWebServerFactory() {
		}).run((context) -> assertThat(context).hasNotFailed());
	}

	/**
	 * Pretends that the servlet gateway is on the class path.
	 */
	static class ServletGatewayClassLoader extends ClassLoader {

		ServletGatewayClassLoader() {
			super(ServletGatewayClassLoader.class.getClassLoader());
		}

		@Override
		protected Class<?> findClass(String name) throws ClassNotFoundException {
			if (!name.equals(ServletApplicationFailure.SERVLET_GATEWAY)) {
				throw new ClassNotFoundException(name);
			}
			ClassWriter writer = new ClassWriter(0);
			writer.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, name.replace('.', '/'), null, "java/lang/Object", null);
			byte[] type = writer.toByteArray();
			return defineClass(name, type, 0, type.length);
		}

	}

	static class OtherServerFactory implements ReactiveWebServerFactory {

		@Override
		public WebServer getWebServer(HttpHandler handler) {
			throw new UnsupportedOperationException();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherServer {

		@Bean
		OtherServerFactory otherServerFactory() {
			return new OtherServerFactory();
		}

	}

}
