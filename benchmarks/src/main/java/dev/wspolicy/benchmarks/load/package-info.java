/**
 * The two ends of the load: clients that send, and an upstream that answers. Both are one
 * thread over non-blocking sockets with frames made beforehand, so that they cost less
 * than what stands between them.
 */
@NullMarked
package dev.wspolicy.benchmarks.load;

import org.jspecify.annotations.NullMarked;
