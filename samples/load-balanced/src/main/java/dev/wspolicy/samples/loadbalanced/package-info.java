/**
 * A gateway that balances sessions between upstreams.
 */
@NullMarked
package dev.wspolicy.samples.loadbalanced;

import org.jspecify.annotations.NullMarked;
