/**
 * The use case for whose distribution's kernel cannot jump: that kernel built again, from the
 * distribution's source and configuration, with {@code CONFIG_KEXEC_JUMP}, as a package that stands
 * beside the stock one.
 *
 * <p>{@link org.dormouse.rebuild.RebuildFacts} is what was seen of the machine, {@link
 * org.dormouse.rebuild.RebuildPlan} what is to be done, {@link org.dormouse.rebuild.KernelRebuild}
 * does it. What a configuration shall say ({@link org.dormouse.rebuild.JumpConfiguration}), and
 * whether it came out as it shall ({@link org.dormouse.rebuild.ConfigurationDifference}), are pure
 * functions of {@link org.dormouse.rebuild.KernelConfiguration}s.
 */
package org.dormouse.rebuild;
