/**
 * What is observed of this machine, and whether it is fit to sleep or to wake an image: facts,
 * readiness, what its disks look like.
 *
 * <p>{@link org.dormouse.machine.Readiness} judges before a sleep; {@link
 * org.dormouse.machine.Hardware} and {@link org.dormouse.machine.StaleCheck} compare, before a
 * wake, with what the image remembers.
 *
 * <p>Facts are records that {@link org.dormouse.linux} has filled; findings are pure functions of
 * facts. Nothing here loads, writes or jumps.
 */
package org.dormouse.machine;
