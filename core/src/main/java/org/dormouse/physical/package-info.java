/**
 * The use cases of a running kernel that has a program run on the bare processor and goes on with
 * what it leaves: {@link org.dormouse.physical.PhysicalCall}, and {@link
 * org.dormouse.physical.BiosCall} on it.
 *
 * <p>A use case observes, makes a plan ({@code kexec.CallLayout}), and carries it out. No saver
 * takes part, and nothing stays loaded. Here is no layout of bytes and no system call.
 */
package org.dormouse.physical;
