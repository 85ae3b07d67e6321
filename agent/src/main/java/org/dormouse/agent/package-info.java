/**
 * What {@code /init} of Dormouse's initramfs runs, in the saver kernel and in the resume kernel: it
 * picks the use case of {@link org.dormouse.sleep} by the kernel command line and shows on the
 * console how it goes.
 *
 * <p>It is thin: nothing about memory or images is decided here. Whatever goes wrong, it leaves a
 * machine that goes on: the saver kernel jumps back to the original kernel, the resume kernel goes
 * on booting.
 */
package org.dormouse.agent;
