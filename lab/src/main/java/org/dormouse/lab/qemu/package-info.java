/**
 * Machines in QEMU: what one is made of ({@link org.dormouse.lab.qemu.MachineOptions}), how QEMU is
 * told ({@link org.dormouse.lab.qemu.QemuCommand}), one that runs ({@link
 * org.dormouse.lab.qemu.Machine}), what it prints ({@link org.dormouse.lab.qemu.SerialLog}) and how
 * one types into it ({@link org.dormouse.lab.qemu.Shell}).
 *
 * <p>Nothing here knows what the guest is for: no workloads, no images, no hibernation.
 */
package org.dormouse.lab.qemu;
