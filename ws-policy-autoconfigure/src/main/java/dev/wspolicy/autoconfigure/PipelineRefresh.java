package dev.wspolicy.autoconfigure;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

import dev.wspolicy.autoconfigure.WsPolicyProperties.Pipeline;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.ProxiedSession;

/**
 * Reads pipelines again when the environment has changed. An invalid configuration is
 * logged and changes nothing. A pipeline that is no longer configured is logged and stays
 * in effect, because it may have been lost together with its file, and its routes must
 * not end up without policies.
 */
final class PipelineRefresh implements ApplicationListener<EnvironmentChangeEvent>, Ordered {

	private static final Log logger = LogFactory.getLog(PipelineRefresh.class);

	private static final ConfigurationPropertyName PIPELINES = ConfigurationPropertyName
		.of(WsPolicyProperties.PREFIX + ".pipelines");

	private final PipelineReaderFactory readers;

	private final PipelineCatalog catalog;

	private final LiveSessions sessions;

	private final RolloutSwitch rollouts;

	private final FailureReporter reporter;

	/**
	 * Pipelines that have changed but could not be read. An event reports each change
	 * only once, so they are read again with the next event.
	 */
	private final Set<String> pending = new LinkedHashSet<>();

	/**
	 * The pipelines as they were last read, including those that have been removed since.
	 */
	private Map<String, Pipeline> known;

	/**
	 * Creates a listener.
	 * @param readers creates the readers of pipelines
	 * @param catalog the pipelines to replace
	 * @param sessions the live sessions
	 * @param rollouts what operators have overridden in the pipelines
	 * @param reporter describes failures
	 */
	PipelineRefresh(PipelineReaderFactory readers, PipelineCatalog catalog, LiveSessions sessions,
			RolloutSwitch rollouts, FailureReporter reporter) {
		this.readers = readers;
		this.catalog = catalog;
		this.sessions = sessions;
		this.rollouts = rollouts;
		this.reporter = reporter;
		this.known = Map.copyOf(readers.properties().getPipelines());
	}

	/**
	 * Runs before Spring Cloud rebinds its beans, which stops at the first unknown
	 * property.
	 */
	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public synchronized void onApplicationEvent(EnvironmentChangeEvent event) {
		Set<String> changed = pipelines(event.getKeys());
		changed.addAll(this.pending);
		if (changed.isEmpty()) {
			return;
		}
		Set<String> read;
		try {
			WsPolicyProperties properties = this.readers.properties();
			read = withChange(properties.getPipelines().keySet(), changed);
			if (read.contains(PipelineDefinition.DEFAULT_NAME)) {
				// All other pipelines inherit from it.
				read.addAll(properties.getPipelines().keySet());
			}
			Set<String> gone = withChange(this.known.keySet(), changed);
			gone.removeAll(read);
			// Removed pipelines are not read, but others still inherit from the default
			// one.
			this.known.forEach(properties.getPipelines()::putIfAbsent);
			List<PipelineDefinition> definitions = this.readers.reader(properties).read(read, this::previous);
			this.readers.upgradePolicies().checkBound(withOthers(definitions, read));
			this.rollouts.replace(definitions);
			this.known = Map.copyOf(properties.getPipelines());
			gone.forEach(PipelineRefresh::warn);
		}
		catch (Throwable ex) {
			// A factory may lack a class
			this.pending.addAll(changed);
			String report = this.reporter.describe(ex);
			if (report != null) {
				logger.error("Pipelines remain unchanged: " + changed + ". " + report);
			}
			else {
				logger.error("Pipelines remain unchanged: " + changed, ex);
			}
			return;
		}
		this.pending.clear();
		if (!read.isEmpty()) {
			logger.info("Reloaded pipelines: " + read);
			this.sessions
				.switchPipelines((session) -> read.contains(session.pipeline()) ? successorOrNone(session) : null);
			// Overrides may have been dropped, or set while the successors were created.
			this.rollouts.switchLive();
		}
	}

	/**
	 * Return the names that have changed. The event may contain them in any relaxed form.
	 */
	private static Set<String> withChange(Set<String> names, Set<String> changed) {
		Set<String> uniform = changed.stream().map(RelaxedNames::uniform).collect(Collectors.toSet());
		return names.stream()
			.filter((name) -> uniform.contains(RelaxedNames.uniform(name)))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	/** Return all pipelines as they will be after the change. */
	private List<PipelineDefinition> withOthers(List<PipelineDefinition> definitions, Set<String> read) {
		Stream<PipelineDefinition> others = this.catalog.names()
			.stream()
			.filter((name) -> !read.contains(name))
			.map(this.catalog::definition);
		return Stream.concat(definitions.stream(), others).toList();
	}

	private @Nullable PipelineDefinition previous(String name) {
		return this.catalog.names().contains(name) ? this.catalog.definition(name) : null;
	}

	private static void warn(String gone) {
		logger.warn("The pipeline '" + gone + "' is no longer configured. It remains in effect for its routes"
				+ " and sessions until the application restarts."
				+ (gone.equals(PipelineDefinition.DEFAULT_NAME) ? " The other pipelines still inherit from it." : ""));
	}

	/**
	 * Per-session policies are created here. If that fails, the other sessions still
	 * change.
	 */
	private @Nullable SessionPipeline successorOrNone(ProxiedSession session) {
		try {
			return successor(session);
		}
		catch (Throwable ex) {
			logger.error("Session " + session.id() + " keeps the previous version of its pipeline '"
					+ session.pipeline() + "'", ex);
			return null;
		}
	}

	private @Nullable SessionPipeline successor(ProxiedSession session) {
		PipelineDefinition definition = this.catalog.definition(session.pipeline());
		return definition.reload().applyToLive()
				? this.catalog.resolve(definition.name(), session.upgrade().routeId(), session.upgrade().subprotocol())
				: null;
	}

	private static Set<String> pipelines(Set<String> keys) {
		return keys.stream()
			.map((key) -> ConfigurationPropertyName.adapt(key, '.'))
			.filter(PIPELINES::isAncestorOf)
			.map((name) -> name.getElement(PIPELINES.getNumberOfElements(), Form.ORIGINAL))
			.collect(Collectors.toCollection(LinkedHashSet::new));
	}

}
