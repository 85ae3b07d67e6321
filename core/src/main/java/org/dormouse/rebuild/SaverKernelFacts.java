package org.dormouse.rebuild;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What was seen of a machine that shall build a saver kernel.
 *
 * @param source what it is built from; empty if it is not installed
 * @param missing Debian packages that the build needs and that are not there
 * @param free bytes of disk space where it would be built
 * @param begun what an earlier run has left there
 */
public record SaverKernelFacts(
    Optional<KernelSource> source, List<String> missing, long free, RebuildFacts.Begun begun) {
  /** Copies the list. */
  public SaverKernelFacts {
    missing = List.copyOf(missing);
  }

  /** Looks at this machine. */
  public static SaverKernelFacts observe(SaverKernelRequest request) throws IOException {
    Optional<String> name =
        request.source().isPresent() ? request.source() : KernelSource.newestInstalled();
    Optional<KernelSource> source =
        name.isPresent() && KernelSource.isInstalled(name.get())
            ? Optional.of(KernelSource.installed(name.get()))
            : Optional.empty();
    return new SaverKernelFacts(
        source,
        BuildTool.missing(),
        RebuildFacts.free(request.folder()),
        source.isPresent()
            ? RebuildFacts.begun(request.folder(), source.get())
            : RebuildFacts.Begun.NOTHING);
  }
}
