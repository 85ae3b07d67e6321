package org.dormouse.lab.setup;

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

  /** The kernel that the machines boot. */
  public Kernel kernel() throws SetupException {
    return new KernelBuild(KernelSource.installed(), KernelFragment.forLab(), cache, reporter)
        .kernel();
  }
}
