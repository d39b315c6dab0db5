/**
 * The actuator's view of live sessions: an endpoint to see and steer them, and the health
 * of the gateway that holds them. Knows the registry, and nothing of what is behind it.
 */
@NullMarked
package dev.wspolicy.actuate;

import org.jspecify.annotations.NullMarked;
