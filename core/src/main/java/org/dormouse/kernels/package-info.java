/**
 * Several kernels that take turns on one machine. {@link org.dormouse.kernels.Kernels}: which there
 * are, added, loaded, listed, removed, in the original kernel. {@link
 * org.dormouse.kernels.KernelSwitching}: from one into another, in each of them; {@link
 * org.dormouse.kernels.DiskHolds}: what the others have in use, nobody mounts.
 *
 * <p>What they tell one another is a {@link org.dormouse.protocol.KernelTable}; what is loaded is a
 * {@code KernelsLayout}. How a sleep checks a machine, so do these.
 */
package org.dormouse.kernels;
