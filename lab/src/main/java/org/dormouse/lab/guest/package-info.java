/**
 * What runs in the laboratory's machines: the root file system of a guest ({@link
 * org.dormouse.lab.guest.GuestRoot}), made on the host without root rights and without mounting
 * anything, and the disk for the image.
 *
 * <p>The guest's scripts are resources of this package. What a workload does inside the guest is
 * not here but in {@code workload}.
 */
package org.dormouse.lab.guest;
