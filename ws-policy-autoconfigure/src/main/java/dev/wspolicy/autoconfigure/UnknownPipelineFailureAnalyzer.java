package dev.wspolicy.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

import dev.wspolicy.gateway.UnknownPipelineException;

/**
 * {@code FailureAnalyzer} for {@link UnknownPipelineException}.
 */
final class UnknownPipelineFailureAnalyzer extends AbstractFailureAnalyzer<UnknownPipelineException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnknownPipelineException cause) {
		if (cause.namesSeveral()) {
			return new FailureAnalysis(cause.getMessage(),
					"Name one of them. To combine their policies, list all of them in one pipeline. "
							+ NameSuggestion.known(cause.known()),
					rootFailure);
		}
		String remedy = NameSuggestion.remedy(cause.pipeline(), cause.known());
		String action = cause.pipeline().isEmpty() ? " Name one of them in the route, or remove the filter from it."
				: " Configure 'ws-policy.pipelines." + cause.pipeline() + "', or name another pipeline in the route.";
		return new FailureAnalysis(cause.getMessage(), remedy + action, rootFailure);
	}

}
