/**
 * Measurements: how long sleeping and waking take, next to the kernel's own hibernation ("swsusp")
 * on the same kernel, machine, guest and workload.
 *
 * <p>{@link org.dormouse.lab.bench.SleepBench} runs the machines, {@link
 * org.dormouse.lab.bench.Results} is arithmetic on what it saw, {@link
 * org.dormouse.lab.bench.BarChart} draws it. No machine is measured that was not looked over
 * afterwards: a figure of a guest that woke up damaged is none.
 */
package org.dormouse.lab.bench;
