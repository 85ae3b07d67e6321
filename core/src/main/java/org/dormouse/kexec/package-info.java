/**
 * Plans for kexec: what is to be loaded where, and where the jump goes, for each purpose: starting
 * the saver kernel, jumping back, jumping back after a panic; and the command line with which
 * others start the saver.
 *
 * <p>Everything here is a value or a pure function of what was observed; a plan can be printed,
 * tested and thrown away. Loading and jumping are {@code org.dormouse.linux.Kexec}'s business, and
 * no system call, file or decision about when to act belongs here. The rules of the game stand in
 * {@code docs/jump-protocol.md}.
 */
package org.dormouse.kexec;
