package org.dormouse.lab.demo;

import org.dormouse.lab.qemu.AcceleratorChoice;
import org.dormouse.lab.qemu.DiskBus;

/**
 * What is to be demonstrated.
 *
 * @param memoryBytes the guest's RAM
 * @param cpus the guest's CPUs
 * @param cpuModel QEMU's name for them
 * @param diskBus how the guest's disks are attached
 * @param accelerator what runs the guest
 * @param fill how full the guest's memory is to be
 * @param cycles how often the guest sleeps
 * @param seed of the memory's content
 * @param append what the guest's kernel is told besides
 */
public record DemoOptions(
    long memoryBytes,
    int cpus,
    String cpuModel,
    DiskBus diskBus,
    AcceleratorChoice accelerator,
    Fill fill,
    int cycles,
    long seed,
    String append) {}
