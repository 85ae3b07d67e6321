/**
 * Arithmetic on physical memory: page frame numbers, ranges and sets of pages, the machine's memory
 * map.
 *
 * <p>Everything here is a pure value or a plain data structure. It depends on nothing else in
 * Dormouse, reads no file and makes no system call. Ranges are half-open, {@code [start, end)}; a
 * PFN is a physical address divided by {@link org.dormouse.memory.Pages#SIZE}.
 */
package org.dormouse.memory;
