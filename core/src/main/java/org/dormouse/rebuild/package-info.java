/**
 * Kernels that are built on a person's machine. For whose distribution's kernel cannot jump: that
 * kernel built again, from the distribution's source and configuration, with {@code
 * CONFIG_KEXEC_JUMP}, as a package that stands beside the stock one. And Dormouse's own saver
 * kernel, from the same source and a configuration of ours ({@code saver.config} in the resources).
 *
 * <p>{@link org.dormouse.rebuild.RebuildFacts} is what was seen of the machine, {@link
 * org.dormouse.rebuild.RebuildPlan} what is to be done, {@link org.dormouse.rebuild.KernelRebuild}
 * does it; of the saver kernel {@link org.dormouse.rebuild.SaverKernelFacts}, {@link
 * org.dormouse.rebuild.SaverKernelPlan} and {@link org.dormouse.rebuild.SaverKernelBuild}. Both
 * work in a {@code SourceTree}, which goes on where it was interrupted. What a configuration shall
 * say ({@link org.dormouse.rebuild.JumpConfiguration}), and whether it came out as it shall ({@link
 * org.dormouse.rebuild.ConfigurationDifference}), are pure functions of {@link
 * org.dormouse.rebuild.KernelConfiguration}s. What runs here, once it is built, is no matter of
 * this package's.
 */
package org.dormouse.rebuild;
