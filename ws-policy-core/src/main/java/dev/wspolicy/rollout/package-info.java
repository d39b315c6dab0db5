/**
 * Policies whose verdicts do not take effect yet, or only for a share of the sessions.
 * What such a policy would have done is recorded. Internal.
 */
@NullMarked
package dev.wspolicy.rollout;

import org.jspecify.annotations.NullMarked;
