/**
 * What it takes to start a kernel by hand, bytes in and bytes out: the kernel file, its boot
 * parameters and memory table, an archive in front of its initramfs, page tables, the stubs of
 * machine code between two kernels, and an ELF program around such a stub.
 *
 * <p>Nothing here makes a system call, opens a file or decides where something goes: addresses are
 * given. It depends on {@code memory} alone.
 */
package org.dormouse.boot;
