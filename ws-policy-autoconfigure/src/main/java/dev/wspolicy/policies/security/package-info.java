/**
 * The shipped policies that ask who the client is, and for how long: credentials in the
 * first message, tokens that expire. They use Spring Security where it is there, or beans
 * of the user's.
 */
@NullMarked
package dev.wspolicy.policies.security;

import org.jspecify.annotations.NullMarked;
