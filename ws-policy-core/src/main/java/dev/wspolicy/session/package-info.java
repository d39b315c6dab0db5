/**
 * Sessions as policies, listeners and operators see them: a live session with its two
 * legs, the upgrade request that opened it, how it ended, and the registry.
 */
@NullMarked
package dev.wspolicy.session;

import org.jspecify.annotations.NullMarked;
