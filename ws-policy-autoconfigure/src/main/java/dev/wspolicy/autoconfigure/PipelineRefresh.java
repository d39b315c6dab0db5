package dev.wspolicy.autoconfigure;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.ProxiedSession;

/**
 * Reads pipelines anew when the environment has changed. What is wrong then is logged and
 * changes nothing.
 */
final class PipelineRefresh implements ApplicationListener<EnvironmentChangeEvent>, Ordered {

	private static final Log logger = LogFactory.getLog(PipelineRefresh.class);

	private static final ConfigurationPropertyName PIPELINES = ConfigurationPropertyName
		.of(WsPolicyProperties.PREFIX + ".pipelines");

	private final PipelineReaderFactory readers;

	private final PipelineCatalog catalog;

	private final LiveSessions sessions;

	private final FailureReports reports;

	/** What has changed and could not be read: events tell of each change only once. */
	private final Set<String> pending = new LinkedHashSet<>();

	/**
	 * A listener.
	 * @param readers make pipelines of properties
	 * @param catalog takes them
	 * @param sessions the sessions that live
	 * @param reports say what is wrong
	 */
	PipelineRefresh(PipelineReaderFactory readers, PipelineCatalog catalog, LiveSessions sessions,
			FailureReports reports) {
		this.readers = readers;
		this.catalog = catalog;
		this.sessions = sessions;
		this.reports = reports;
	}

	/**
	 * Before Spring Cloud binds its beans anew, which stops at the first wrong key.
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
		try {
			WsPolicyProperties properties = this.readers.properties();
			if (changed.contains(PipelineDefinition.DEFAULT_NAME)) {
				// All others start from it.
				changed.addAll(this.catalog.names());
				changed.addAll(properties.getPipelines().keySet());
			}
			this.catalog.replace(this.readers.reader(properties).read(changed));
		}
		catch (RuntimeException ex) {
			this.pending.addAll(changed);
			String report = this.reports.of(ex);
			if (report != null) {
				logger.error("Pipelines stay as they were: " + changed + ". " + report);
			}
			else {
				logger.error("Pipelines stay as they were: " + changed, ex);
			}
			return;
		}
		this.pending.clear();
		logger.info("Pipelines read anew: " + changed);
		this.sessions.succeed((session) -> changed.contains(session.pipeline()) ? successorOrNone(session) : null);
	}

	/** A policy of a session's own is made here, and may fail; the others go on. */
	private @Nullable SessionPipeline successorOrNone(ProxiedSession session) {
		try {
			return successor(session);
		}
		catch (RuntimeException ex) {
			logger.error("Session " + session.id() + " keeps its pipeline '" + session.pipeline() + "' as it was", ex);
			return null;
		}
	}

	private @Nullable SessionPipeline successor(ProxiedSession session) {
		PipelineDefinition definition = this.catalog.definition(session.pipeline());
		return definition.onChange().applyToLive()
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
