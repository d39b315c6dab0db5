/**
 * A gateway that controls GraphQL operations.
 */
@NullMarked
package dev.wspolicy.samples.graphql;

import org.jspecify.annotations.NullMarked;
