/**
 * Pipelines: the ordered policies of each direction and the settings of the sessions,
 * under a name. Immutable, and shared by all sessions of the same route and subprotocol.
 * <p>
 * Internal: policies and applications do not depend on this package, which may change at
 * any time.
 */
@NullMarked
package dev.wspolicy.pipeline;

import org.jspecify.annotations.NullMarked;
