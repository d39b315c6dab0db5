/**
 * What applications implement and use: policies on frames and upgrades, their verdicts,
 * and the annotation that binds a policy bean to sessions.
 */
@NullMarked
package dev.wspolicy.policy;

import org.jspecify.annotations.NullMarked;
