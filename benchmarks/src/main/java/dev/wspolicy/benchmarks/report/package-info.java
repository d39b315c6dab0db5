/**
 * Figures as tables, charts and JSON.
 */
@NullMarked
package dev.wspolicy.benchmarks.report;

import org.jspecify.annotations.NullMarked;
