package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.dormouse.lab.debian.DebianBuild;
import org.dormouse.lab.debian.DebianDemo;
import org.dormouse.lab.debian.DebianFiles;
import org.dormouse.lab.debian.DebianKernel;
import org.dormouse.lab.debian.DebianLayout;
import org.dormouse.lab.debian.DebianRecipe;
import org.dormouse.lab.demo.DemoResult;
import org.dormouse.lab.packaging.DebianPackage;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ConsoleReporter;
import org.dormouse.lab.setup.Kernel;
import org.dormouse.lab.setup.KernelFlavour;
import org.dormouse.lab.setup.Setup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A real Debian 12, set up as a person does it, sleeps by {@code systemctl hibernate} and wakes,
 * and everything that it does goes on.
 */
@Tag("long")
class DebianIT {
  private static final CacheFolder CACHE = CacheFolder.fromEnvironment();
  private static final ConsoleReporter REPORTER = ConsoleReporter.inLines(System.out);
  private static final Setup SETUP = new Setup(CACHE, REPORTER);

  @Test
  void startedByUefiAndSystemdBoot() throws Exception {
    sleepsAndWakes(DebianLayout.SYSTEMD_BOOT);
  }

  @Test
  void startedByABiosAndGrub() throws Exception {
    sleepsAndWakes(DebianLayout.GRUB);
  }

  @Test
  void encryptedAsDebiansInstallerDoesIt() throws Exception {
    sleepsAndWakes(DebianLayout.ENCRYPTED);
  }

  @Test
  void withDebiansOwnConfiguration() throws Exception {
    Optional<Path> built = SETUP.debianKernelPackageIfBuilt();
    assumeTrue(built.isPresent(), "the kernel package, an hour's work, is not in the cache");
    DebianKernel kernel =
        DebianKernel.Packaged.of(
            built.get(), Optional.of(SETUP.kernel(KernelFlavour.SAVER).image()));
    sleepsAndWakes(new DebianRecipe(kernel, DebianLayout.SYSTEMD_BOOT));
  }

  private static void sleepsAndWakes(DebianLayout layout) throws Exception {
    Kernel kernel = SETUP.kernel(KernelFlavour.V6_12);
    sleepsAndWakes(new DebianRecipe(new DebianKernel.Built(kernel), layout));
  }

  private static void sleepsAndWakes(DebianRecipe recipe) throws Exception {
    TestBed bed = TestBed.prepare();
    DebianFiles files = new DebianBuild(CACHE, REPORTER).files(recipe);
    Path folder = bed.folder(recipe.name());
    Path dormouse =
        new DebianPackage(CACHE, REPORTER).build(SETUP.software(), Path.of("..", "docs"), folder);
    MachineOptions machine =
        MachineOptions.bootingFromDisks().withAccelerator(bed.accelerator().accelerator());
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    DebianDemo demo = new DebianDemo(recipe, machine, 2, out);
    assertThat(demo.run(files, dormouse, folder)).isEqualTo(new DemoResult.Pass());
    bed.tidy(folder);
  }
}
