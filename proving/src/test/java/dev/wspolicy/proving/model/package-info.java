/**
 * Random programs of policies, traffic, calls and faults, of which a session and a
 * reference model must make the same.
 */
@NullMarked
package dev.wspolicy.proving.model;

import org.jspecify.annotations.NullMarked;
