/**
 * What sessions leave behind for those who watch: meters and log lines. All of it is
 * heard from {@link dev.wspolicy.session.SessionListener} or read from the registry;
 * nothing stands in the way of a frame.
 */
@NullMarked
package dev.wspolicy.observation;

import org.jspecify.annotations.NullMarked;
