/**
 * Measurements: how long sleeping and waking take, next to the kernel's own hibernation ("swsusp")
 * on the same kernel, machine, guest and workload.
 *
 * <p>{@link org.dormouse.lab.bench.SleepBench} runs the machines, {@link
 * org.dormouse.lab.bench.Results} is arithmetic on what it saw, {@link
 * org.dormouse.lab.bench.BarChart} draws it. No machine is measured that was not looked over
 * afterwards: a figure of a guest that woke up damaged is none.
 *
 * <p>{@link org.dormouse.lab.bench.ImageBench} has makedumpfile, zstd and Dormouse do the same with
 * the same vmcore; {@link org.dormouse.lab.bench.CodecBench} measures each step of that by itself.
 * {@code docs/benchmarks.md} has what came out.
 */
package org.dormouse.lab.bench;
