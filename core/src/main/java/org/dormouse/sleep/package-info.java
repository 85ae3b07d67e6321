/**
 * The use cases: putting a machine to sleep, saving it, waking it. A use case observes, makes a
 * plan, shows it, and carries it out.
 *
 * <p>Here also live the plans that only one use case needs, among them where each page goes when a
 * machine wakes: {@link org.dormouse.sleep.LockedPages} is what the resume kernel holds, {@link
 * org.dormouse.sleep.PlacementPlan} what is placed and what is parked, {@link
 * org.dormouse.sleep.CopyList} what is left for the stub. Plans are pure: they see no kernel and
 * need no root.
 *
 * <p>What must not be here: system calls and files under {@code /proc} and {@code /sys} (in {@code
 * linux}), bytes of formats and kernels (in {@code image} and {@code boot}), printing.
 */
package org.dormouse.sleep;
