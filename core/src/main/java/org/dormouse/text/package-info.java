/**
 * What people, programs and shells read: reports of what went wrong, figures, and lines of {@code
 * key=value}.
 *
 * <p>No I/O, and no knowledge of what is told.
 */
package org.dormouse.text;
