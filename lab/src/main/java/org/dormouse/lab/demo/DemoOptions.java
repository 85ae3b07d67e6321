package org.dormouse.lab.demo;

import org.dormouse.lab.qemu.MachineOptions;

/**
 * What is to be demonstrated.
 *
 * @param machine the guest's, without disks
 * @param acceleratorReason why it is run by what runs it: half a sentence for people
 * @param fill how full the guest's memory is to be
 * @param cycles how often the guest sleeps
 * @param seed of the memory's content
 */
public record DemoOptions(
    MachineOptions machine, String acceleratorReason, Fill fill, int cycles, long seed) {}
