package dev.wspolicy.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

import dev.wspolicy.gateway.UnknownPipelineException;

/**
 * Explains a route that names a pipeline which is not configured.
 */
final class UnknownPipelineFailureAnalyzer extends AbstractFailureAnalyzer<UnknownPipelineException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnknownPipelineException cause) {
		return new FailureAnalysis(cause.getMessage(), NearestName.remedy(cause.pipeline(), cause.known())
				+ " Configure 'ws-policy.pipelines." + cause.pipeline() + "', or name another pipeline in the route.",
				rootFailure);
	}

}
