/**
 * The shipped policies on JSON messages. Apart from the others, since they need Jackson.
 */
@NullMarked
package dev.wspolicy.policies.json;

import org.jspecify.annotations.NullMarked;
