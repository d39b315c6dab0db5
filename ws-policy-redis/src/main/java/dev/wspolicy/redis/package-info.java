/**
 * Makes several gateways act as one: what they count, list and command together is kept
 * in Redis. This is the only package that knows Redis; the rest of ws-policy knows the
 * interfaces of {@link dev.wspolicy.fleet}. All types are internal.
 */
@NullMarked
package dev.wspolicy.redis;

import org.jspecify.annotations.NullMarked;
