/**
 * The one place that makes system calls and reads {@code /proc} and {@code /sys}. It returns
 * records and takes plain values; it decides nothing.
 *
 * <p>All system calls go through one downcall handle of the C library's {@code syscall(2)}, see
 * {@link org.dormouse.linux.Syscall}: linking a handle is what costs at start-up. A failed call is
 * a {@link org.dormouse.linux.LinuxException}, which names the call, its arguments and the error.
 */
package org.dormouse.linux;
