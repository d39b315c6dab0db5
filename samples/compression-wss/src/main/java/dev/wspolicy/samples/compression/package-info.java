/**
 * A gateway that speaks TLS and compresses messages.
 */
@NullMarked
package dev.wspolicy.samples.compression;

import org.jspecify.annotations.NullMarked;
