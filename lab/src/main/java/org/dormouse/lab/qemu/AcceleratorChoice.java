package org.dormouse.lab.qemu;

/**
 * An accelerator, and why it was chosen.
 *
 * @param reason half a sentence for people
 */
public record AcceleratorChoice(Accelerator accelerator, String reason) {}
