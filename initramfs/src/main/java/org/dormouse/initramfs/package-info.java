/**
 * Builds what the saver and the resume kernel run: a small Java runtime with the programs of
 * Dormouse, and the initramfs that holds it.
 *
 * <p>{@link org.dormouse.initramfs.SoftwareTree} lays out a folder as it will be found at {@link
 * org.dormouse.initramfs.SoftwareTree#HOME}: a jlinked runtime, the jars, an AOT cache and a
 * launcher for each program. {@link org.dormouse.initramfs.Initramfs} packs such a folder, the C
 * library, busybox and {@code /init} into one file for the kernel. Nothing here runs inside a
 * guest, except the {@code init} script beside these classes; nothing here knows about images,
 * kexec or QEMU.
 */
package org.dormouse.initramfs;
