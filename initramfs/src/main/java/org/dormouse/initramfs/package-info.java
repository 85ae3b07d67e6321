/**
 * Builds what kernels start with: the saver's initramfs, a small Java runtime with the agent; and
 * that of an ordinary boot, which wakes a machine by a shell script.
 *
 * <p>{@link org.dormouse.initramfs.SoftwareTree} lays out a folder as it will be found at {@link
 * org.dormouse.initramfs.SoftwareTree#HOME}: a jlinked runtime, the jars, an AOT cache and a
 * launcher for each program. {@link org.dormouse.initramfs.Initramfs} packs such a folder, the C
 * library, busybox and {@code /init} into one file for the kernel. Nothing here runs inside a
 * guest, except the scripts beside these classes ({@code saver-init}, {@code boot-init}, {@code
 * wake}); nothing here knows about images, kexec or QEMU.
 *
 * <p>{@link org.dormouse.initramfs.InitramfsTools} has the same {@code wake} called by an initramfs
 * that somebody else makes.
 */
package org.dormouse.initramfs;
