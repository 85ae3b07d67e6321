package org.dormouse.lab.guest;

import java.nio.file.Path;

/**
 * What a guest is made from.
 *
 * @param kernel a bzImage
 * @param initramfs the one Dormouse boots with
 * @param busybox a static busybox
 * @param software the folder that becomes {@code /usr/lib/dormouse}: {@code runtime/bin/java},
 *     {@code lib/*.jar}, {@code bin/dormouse}
 */
public record GuestSoftware(Path kernel, Path initramfs, Path busybox, Path software) {}
