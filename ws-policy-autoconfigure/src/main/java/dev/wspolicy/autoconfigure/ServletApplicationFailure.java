package dev.wspolicy.autoconfigure;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Fails because the application is a servlet application. It does so before the web
 * server is created, and before Spring Cloud Gateway reports Spring MVC on the class path
 * without a word on the servlet gateway.
 */
final class ServletApplicationFailure implements BeanFactoryPostProcessor {

	static final String SERVLET_GATEWAY = "org.springframework.cloud.gateway.server.mvc.GatewayServerMvcAutoConfiguration";

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		if (ClassUtils.isPresent(SERVLET_GATEWAY, beanFactory.getBeanClassLoader())) {
			throw new InvalidPipelineException(
					"This is a servlet application, because the servlet gateway, 'spring-cloud-gateway-server-webmvc',"
							+ " is on the class path. ws-policy governs the sessions of the reactive gateway only.",
					"Replace 'spring-cloud-starter-gateway-server-webmvc' with"
							+ " 'spring-cloud-starter-gateway-server-webflux'. To keep the servlet gateway, remove"
							+ " 'ws-policy-spring-boot-starter'.");
		}
		throw new InvalidPipelineException(
				"This is a servlet application, because Spring MVC is on the class path. ws-policy governs the sessions"
						+ " of the reactive gateway only.",
				"Remove 'spring-boot-starter-webmvc', or what else brings Spring MVC, or set"
						+ " 'spring.main.web-application-type' to 'reactive'.");
	}

}
