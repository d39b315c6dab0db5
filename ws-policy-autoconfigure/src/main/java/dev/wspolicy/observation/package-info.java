/**
 * Makes sessions observable through meters, log lines and application events. Everything
 * is derived from {@link dev.wspolicy.session.SessionListener} and the session registry,
 * so that no frame is delayed.
 */
@NullMarked
package dev.wspolicy.observation;

import org.jspecify.annotations.NullMarked;
