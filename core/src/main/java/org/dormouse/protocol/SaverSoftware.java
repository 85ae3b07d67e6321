package org.dormouse.protocol;

import java.nio.file.Path;

/**
 * What the saver kernel is started from.
 *
 * @param kernel a bzImage
 * @param kernelDigest its SHA-256, hexadecimal
 * @param initramfs Dormouse's initramfs
 * @param initramfsDigest its SHA-256, hexadecimal
 * @param unpackedBytes the size of the initramfs once it is unpacked
 */
public record SaverSoftware(
    Path kernel, String kernelDigest, Path initramfs, String initramfsDigest, long unpackedBytes) {}
