/**
 * What {@code /init} of a saver's initramfs runs, whether the original kernel has jumped into it or
 * it was started to wake an image: it picks the use case of {@link org.dormouse.sleep} by the
 * kernel command line and shows on the console how it goes.
 *
 * <p>It is thin: nothing about memory or images is decided here. Whatever goes wrong, it leaves a
 * machine that goes on: {@code /init} goes back to the original kernel if there is one, else it
 * restarts the machine.
 */
package org.dormouse.agent;
