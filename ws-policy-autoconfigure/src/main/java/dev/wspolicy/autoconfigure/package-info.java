/**
 * Auto-configuration, configuration properties, the creation of pipelines from
 * properties, and failure analysis.
 */
@NullMarked
package dev.wspolicy.autoconfigure;

import org.jspecify.annotations.NullMarked;
