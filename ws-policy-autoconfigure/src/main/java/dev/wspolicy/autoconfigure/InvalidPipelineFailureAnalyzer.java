package dev.wspolicy.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@code FailureAnalyzer} for {@link InvalidPipelineException}.
 */
final class InvalidPipelineFailureAnalyzer extends AbstractFailureAnalyzer<InvalidPipelineException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidPipelineException cause) {
		return new FailureAnalysis(cause.getMessage(), cause.remedy(), rootFailure);
	}

}
