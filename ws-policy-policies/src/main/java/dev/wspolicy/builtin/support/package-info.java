/**
 * What the built-in policies of all packages share.
 * <p>
 * Internal: policies and applications do not depend on this package, which may change at
 * any time.
 */
@NullMarked
package dev.wspolicy.builtin.support;

import org.jspecify.annotations.NullMarked;
