/**
 * The built-in policies that authenticate clients and end sessions whose tokens expire.
 * <p>
 * Applications may implement {@link dev.wspolicy.builtin.security.CredentialsCheck},
 * which receives {@link dev.wspolicy.builtin.security.Credentials}, and
 * {@link dev.wspolicy.builtin.security.ExpiringPrincipal}. With Spring Security on the
 * class path, its authentication managers and JWT decoders check credentials by default.
 * All other types are internal: those that are public serve the auto-configuration only.
 */
@NullMarked
package dev.wspolicy.builtin.security;

import org.jspecify.annotations.NullMarked;
