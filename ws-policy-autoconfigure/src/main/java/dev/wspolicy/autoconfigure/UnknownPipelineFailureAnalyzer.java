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
		String remedy = NearestName.remedy(cause.pipeline(), cause.known());
		String action = cause.pipeline().isEmpty() ? " Name one of them in the route, or remove the filter from it."
				: " Configure 'ws-policy.pipelines." + cause.pipeline() + "', or name another pipeline in the route.";
		return new FailureAnalysis(cause.getMessage(), remedy + action, rootFailure);
	}

}
