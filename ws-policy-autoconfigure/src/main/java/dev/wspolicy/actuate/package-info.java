/**
 * Actuator endpoints to inspect and control live sessions, and the health of the gateway.
 * Depends on the session registry, not on the relay behind it.
 */
@NullMarked
package dev.wspolicy.actuate;

import org.jspecify.annotations.NullMarked;
