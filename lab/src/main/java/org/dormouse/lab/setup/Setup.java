package org.dormouse.lab.setup;

import java.nio.file.Path;
import java.util.Optional;
import org.dormouse.cli.Installation;
import org.dormouse.initramfs.Initramfs;

/** Makes what the lab's machines need, or finds what an earlier run has made. */
public final class Setup {
  private final CacheFolder cache;
  private final Reporter reporter;

  /**
   * @param reporter is told about what has to be made, and hears nothing when all is there
   */
  public Setup(CacheFolder cache, Reporter reporter) {
    this.cache = cache;
    this.reporter = reporter;
  }

  /** Everything. The jars for the guests are those on this process's class path. */
  public Provisions provide() throws SetupException {
    return provide(KernelFlavour.V6_12);
  }

  /** Everything, with another kernel. */
  public Provisions provide(KernelFlavour flavour) throws SetupException {
    Kernel kernel = kernel(flavour);
    StagedSoftware software = new SoftwareBuild(Installation.running(), cache, reporter).software();
    InitramfsBuild.Product initramfs = new InitramfsBuild(software, cache, reporter).initramfs();
    return new Provisions(
        kernel,
        software.tree().folder(),
        initramfs.saver(),
        initramfs.boot(),
        Initramfs.DEBIAN_BUSYBOX);
  }

  /**
   * The folder of the software that runs in the guests, made if it is not there. Needs no kernel.
   */
  public Path software() throws SetupException {
    return new SoftwareBuild(Installation.running(), cache, reporter).software().tree().folder();
  }

  /** A kernel, built if it is not there. */
  public Kernel kernel(KernelFlavour flavour) throws SetupException {
    return KernelBuild.of(flavour, cache, reporter).kernel();
  }

  /** A kernel, if it has been built. */
  public Optional<Kernel> kernelIfBuilt(KernelFlavour flavour) throws SetupException {
    if (!flavour.isSourceHere(cache)) {
      return Optional.empty();
    }
    KernelBuild build = KernelBuild.of(flavour, cache, reporter);
    return build.isBuilt() ? Optional.of(build.kernel()) : Optional.empty();
  }

  /**
   * Debian's kernel with the jump and with modules, as the package that {@code dormouse kernel
   * build} makes; built if it is not there, which takes an hour.
   */
  public Path debianKernelPackage() throws SetupException {
    return new KernelPackageBuild(cache, reporter).file();
  }

  /** The same, if it has been built. */
  public Optional<Path> debianKernelPackageIfBuilt() throws SetupException {
    return new KernelPackageBuild(cache, reporter).fileIfBuilt();
  }
}
