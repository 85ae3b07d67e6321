/**
 * The use cases of the original kernel: {@link org.dormouse.sleep.Hibernate} and {@link
 * org.dormouse.sleep.Arm}, with {@link org.dormouse.sleep.SaverState} (is there a saver, and of
 * what use), a planner, what a sleep asks for, and a saver that is ready to be asked.
 *
 * <p>Whatever loads something for a jump, or jumps, here or in a package above, holds the {@link
 * org.dormouse.sleep.JumpLock}.
 *
 * <p>{@link org.dormouse.sleep.KeyFiles} knows where the keys of sealed images lie.
 *
 * <p>A use case observes, makes a plan, shows it, and carries it out. Here is no layout of bytes,
 * no system call, no reading of {@code /proc}, and no decision that could be a pure function
 * elsewhere; and nothing is printed: who watches is told through a {@link
 * org.dormouse.protocol.Journal}. What runs in the saver kernel is in {@code saver}.
 */
package org.dormouse.sleep;
