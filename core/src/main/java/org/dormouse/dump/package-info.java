/**
 * Files of memory that other programs make and read: ELF cores ({@code /proc/vmcore}, QEMU's {@code
 * dump-guest-memory}) and kdump-compressed files (makedumpfile).
 *
 * <p>A {@link org.dormouse.dump.CoreFile} gives its pages as {@link org.dormouse.memory.Frames}, so
 * that whoever reads another kernel's memory need not know where it lies. Nothing here knows
 * Dormouse's own images.
 */
package org.dormouse.dump;
