package org.dormouse.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.dormouse.initramfs.KernelModules;
import org.dormouse.linux.DriverModules;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.stores.NamedStore;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Option;

/**
 * The options that say which kernel modules a saver's initramfs has. A distribution's kernel has
 * the drivers of disks as modules: without those of its store, a saver finds none.
 */
final class ModuleOptions {
  @Option(
      names = "--modules",
      paramLabel = "NAME",
      split = ",",
      description =
          "The kernel modules that the saver loads, besides those that they need (default: those that"
              + " drive the store's disk and the keyboards now; none if all that is part of the"
              + " kernel, or if /etc/dormouse.conf names a saver kernel).")
  private List<String> named = List.of();

  @Option(
      names = "--kernel-release",
      paramLabel = "RELEASE",
      description = "Which kernel the modules are of (default: the running one).")
  private Optional<String> release = Optional.empty();

  @Option(
      names = "--store",
      paramLabel = "STORE",
      description =
          "The store whose drivers are taken (default: that of dormouse.resume= on the kernel's"
              + " command line, else that of /etc/dormouse.conf).")
  private Optional<String> store = Optional.empty();

  /**
   * Finds the modules' files, each behind those that it needs.
   *
   * @return nothing for a kernel that has no modules
   * @throws ReportException if one is missing without which the store is not reached
   */
  List<Path> choose() throws IOException {
    if (named.isEmpty() && ConfigurationFile.read().saverKernel().isPresent()) {
      // It has all that it takes, and none of another kernel's modules would fit.
      return List.of();
    }
    String kernel = release.isPresent() ? release.get() : KernelIdentity.running().release();
    Optional<KernelModules> known = KernelModules.of(kernel);
    if (known.isEmpty()) {
      if (!named.isEmpty()) {
        throw missing(kernel, new TreeSet<>(named));
      }
      return List.of();
    }
    SortedSet<String> needed = needed();
    SortedSet<String> unknown = known.get().unknown(needed);
    if (!unknown.isEmpty()) {
      throw missing(kernel, unknown);
    }
    SortedSet<String> wanted = new TreeSet<>(needed);
    if (named.isEmpty()) {
      // Without them it saves and wakes all the same: only nobody can call it off.
      wanted.addAll(DriverModules.ofKeyboards());
    }
    return known.get().inOrder(wanted);
  }

  private SortedSet<String> needed() throws IOException {
    if (!named.isEmpty()) {
      return new TreeSet<>(named);
    }
    Optional<String> chosen =
        store.isPresent() ? store : StoreCommand.named(ConfigurationFile.read());
    return chosen.isPresent()
        ? DriverModules.below(NamedStore.placeOf(chosen.get()))
        : new TreeSet<>();
  }

  private static ReportException missing(String kernel, SortedSet<String> names) {
    return new ReportException(
        "kernel "
            + kernel
            + " has no module "
            + String.join(", ", names)
            + " in /lib/modules/"
            + kernel,
        "Nothing was written.",
        "Install that kernel's modules, and list them: depmod " + kernel);
  }
}
