/**
 * What users of the library write and are handed: policies, verdicts, and the annotation
 * that binds a policy bean to sessions.
 */
@NullMarked
package dev.wspolicy.policy;

import org.jspecify.annotations.NullMarked;
