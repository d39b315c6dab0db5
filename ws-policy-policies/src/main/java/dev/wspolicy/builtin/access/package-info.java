/**
 * The built-in policies that control access to what a subprotocol offers: the
 * destinations of STOMP and the operations of GraphQL.
 * <p>
 * Applications may implement {@link dev.wspolicy.builtin.access.PrincipalAuthorities}.
 * All other types are internal: the factories are public for the auto-configuration only.
 * {@link dev.wspolicy.builtin.access.GraphQlPolicies} requires GraphQL Java and Jackson,
 * and {@link dev.wspolicy.builtin.access.StompPolicies} requires Spring Messaging.
 * Neither loads the libraries of the other.
 */
@NullMarked
package dev.wspolicy.builtin.access;

import org.jspecify.annotations.NullMarked;
