/**
 * The shipped policy for GraphQL over WebSocket.
 */
@NullMarked
package dev.wspolicy.policies.graphql;

import org.jspecify.annotations.NullMarked;
