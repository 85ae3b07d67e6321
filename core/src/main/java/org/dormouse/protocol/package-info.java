/**
 * What the original kernel and the saver kernel say to one another: requests and answers as lines
 * of text ({@code SaverTask}, {@code SaverRecord}, {@code Original}, {@code WakeConditions}, {@code
 * SaverAnswer}, {@code SaverFailure}), the words of the saver's command line, and how a use case
 * tells how it goes ({@code Journal}). {@code docs/jump-protocol.md} lists the lines.
 *
 * <p>Where the lines lie, and that they are whole, is {@code mailbox}'s. What is done about them is
 * not here but in {@code sleep} and {@code saver}, which know nothing of each other.
 */
package org.dormouse.protocol;
