/**
 * Sessions whose connections are damaged, cut and reset.
 */
@NullMarked
package dev.wspolicy.proving.faults;

import org.jspecify.annotations.NullMarked;
