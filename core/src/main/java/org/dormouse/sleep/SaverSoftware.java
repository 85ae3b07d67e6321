package org.dormouse.sleep;

import java.nio.file.Path;

/**
 * What the saver kernel is started from.
 *
 * @param kernel a bzImage
 * @param initramfs Dormouse's initramfs
 * @param unpackedBytes the size of the initramfs once it is unpacked
 */
public record SaverSoftware(Path kernel, Path initramfs, long unpackedBytes) {}
