/**
 * Tests policies without a socket. A {@link dev.wspolicy.test.PolicyTester} opens a
 * session with the policies, on the engine that serves the gateway, and a
 * {@link dev.wspolicy.test.SessionTester} plays both peers of that session.
 */
@NullMarked
package dev.wspolicy.test;

import org.jspecify.annotations.NullMarked;
