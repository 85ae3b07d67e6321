/**
 * The use cases of the saver kernel: {@link org.dormouse.saver.Saver}, which serves the original
 * kernel, {@code Save} and {@link org.dormouse.saver.Restore}, one walk in two directions; the way
 * back, loaded, and how the original kernel's frames and the store are found.
 *
 * <p>Nothing here runs in the original kernel; that is in {@code sleep}, and what both say to one
 * another in {@code protocol}. As there: no layout of bytes, no system call, nothing is printed.
 */
package org.dormouse.saver;
