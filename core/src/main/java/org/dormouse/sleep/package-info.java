/**
 * The use cases, and what they put together of the other packages.
 *
 * <p>In the original kernel: {@link org.dormouse.sleep.Hibernate} and {@link
 * org.dormouse.sleep.Arm}, with {@link org.dormouse.sleep.SaverState} (is there a saver, and of
 * what use), a planner, and what a sleep asks for. In the saver kernel: {@link
 * org.dormouse.sleep.Saver}, which serves the original kernel, {@code Save} and {@link
 * org.dormouse.sleep.Restore}, one walk in two directions. Both kernels: what they say to one
 * another, {@code SaverTask}, {@code SaverRecord}, {@code Original}, {@code WakeConditions} as
 * lines of text, and the words of the saver's command line.
 *
 * <p>A use case observes, makes a plan, shows it, and carries it out. Here is no layout of bytes,
 * no system call, no reading of {@code /proc}, and no decision that could be a pure function
 * elsewhere; and nothing is printed: who watches is told through a {@link
 * org.dormouse.sleep.Journal}.
 */
package org.dormouse.sleep;
