/**
 * Some pages of the original kernel's in which it leaves a request for the saver kernel and finds
 * the answer: {@code docs/jump-protocol.md} has every byte.
 *
 * <p>{@link org.dormouse.mailbox.SwitchTable} is another set of such pages, in which several
 * kernels that take turns find where each is entered: {@code docs/kernels.md}.
 *
 * <p>The same pages are seen from two sides: the original kernel has them as one piece of shared
 * memory, the saver reaches them frame by frame. Nothing here knows what a request means.
 */
package org.dormouse.mailbox;
