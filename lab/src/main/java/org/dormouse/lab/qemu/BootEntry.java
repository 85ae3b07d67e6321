package org.dormouse.lab.qemu;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a boot loader starts at a power-on.
 *
 * @param kernel a bzImage
 * @param initramfs what the kernel unpacks, if anything
 * @param commandLine the kernel's
 */
public record BootEntry(Path kernel, Optional<Path> initramfs, String commandLine) {}
