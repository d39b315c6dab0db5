/**
 * Keeps README and docs true. Each {@code java} block is compiled: as it stands if it
 * declares types, as the body of {@code FramePolicy.apply} if not, with the imports of
 * {@link dev.wspolicy.docs.JavaBlock} in front. Each {@code yaml} block that configures
 * ws-policy is loaded, with the components of all Java blocks as beans; where a
 * {@code text} block follows, start-up must fail and say what stands there.
 */
@NullMarked
package dev.wspolicy.docs;

import org.jspecify.annotations.NullMarked;
