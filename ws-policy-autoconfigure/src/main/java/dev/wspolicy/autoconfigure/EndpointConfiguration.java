package dev.wspolicy.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;

import dev.wspolicy.actuate.EndpointRuntimeHints;
import dev.wspolicy.actuate.StrictParameterAdvisor;

/**
 * Configuration that all endpoints share.
 */
@Configuration(proxyBeanMethods = false)
@ImportRuntimeHints(EndpointRuntimeHints.class)
class EndpointConfiguration {

	@Bean
	@ConditionalOnMissingBean
	static StrictParameterAdvisor wsPolicyStrictParameterAdvisor() {
		return new StrictParameterAdvisor();
	}

}
