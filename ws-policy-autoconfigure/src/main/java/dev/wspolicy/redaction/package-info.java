/**
 * What may be shown of a payload to those who look on: logs and operators.
 */
@NullMarked
package dev.wspolicy.redaction;

import org.jspecify.annotations.NullMarked;
