/**
 * A gateway that controls who may send and subscribe where.
 */
@NullMarked
package dev.wspolicy.samples.stomp;

import org.jspecify.annotations.NullMarked;
