/**
 * Makes a static site of the pages in docs, the README and the other pages of the root.
 */
@NullMarked
package dev.wspolicy.docs.site;

import org.jspecify.annotations.NullMarked;
