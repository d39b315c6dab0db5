package dev.wspolicy.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * {@code FailureAnalyzer} for {@link InvalidPipelineException}, which a failure to bind
 * may wrap.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class InvalidPipelineFailureAnalyzer extends AbstractFailureAnalyzer<InvalidPipelineException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidPipelineException cause) {
		return new FailureAnalysis(cause.getMessage(), cause.remedy(), rootFailure);
	}

}
