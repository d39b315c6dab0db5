/**
 * Tests of the documentation. Each {@code java} block is compiled with the imports of
 * {@link dev.wspolicy.docs.JavaBlock}: unchanged if it declares types, otherwise as the
 * body of {@code FramePolicy.apply}. Each {@code yaml} block that configures ws-policy is
 * loaded, with the components of all Java blocks as beans. If a {@code text} block
 * follows, start-up must fail with its content.
 */
@NullMarked
package dev.wspolicy.docs;

import org.jspecify.annotations.NullMarked;
