/**
 * Generates what editors complete and check {@code application.yml} with: the metadata
 * below {@code ws-policy.pipelines}, which Spring Boot's annotation processor does not
 * look into, and a JSON Schema of everything below {@code ws-policy}. Runs during the
 * build of {@code ws-policy-autoconfigure}. The classes of the properties and settings
 * are the only source, together with their Javadoc.
 */
@NullMarked
package dev.wspolicy.metadata;

import org.jspecify.annotations.NullMarked;
