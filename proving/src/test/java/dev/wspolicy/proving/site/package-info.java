/**
 * A gateway, and a proxy that damages connections.
 */
@NullMarked
package dev.wspolicy.proving.site;

import org.jspecify.annotations.NullMarked;
