/**
 * Auto-configuration: conditions, properties, the reading of pipelines from the
 * environment, and failure analysis.
 */
@NullMarked
package dev.wspolicy.autoconfigure;

import org.jspecify.annotations.NullMarked;
