/**
 * What it takes to start a kernel by hand, bytes in and bytes out: the kernel file, its boot
 * parameters and memory table, the ELF headers that describe another kernel's memory, page tables,
 * and the stubs of machine code between two kernels.
 *
 * <p>Nothing here makes a system call, opens a file or decides where something goes: addresses are
 * given. It depends on {@code memory} alone.
 */
package org.dormouse.boot;
