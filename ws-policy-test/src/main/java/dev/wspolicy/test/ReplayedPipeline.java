package dev.wspolicy.test;

import java.util.function.Function;

import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.UpgradeContext;

/**
 * What serves the sessions of a replay.
 *
 * @param upgrade the request that opens a session, as far as nothing has been recorded
 * @param resolver returns the pipeline of a session
 */
record ReplayedPipeline(MockUpgradeContext.Builder upgrade, Function<UpgradeContext, SessionPipeline> resolver) {

}
