package org.dormouse.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dormouse.cli.CodecOption;
import org.dormouse.cli.ExitCode;
import org.dormouse.image.CodecChoice;
import org.dormouse.lab.debian.DebianBuild;
import org.dormouse.lab.debian.DebianDemo;
import org.dormouse.lab.debian.DebianFiles;
import org.dormouse.lab.debian.DebianKernel;
import org.dormouse.lab.debian.DebianLayout;
import org.dormouse.lab.debian.DebianRecipe;
import org.dormouse.lab.demo.Demo;
import org.dormouse.lab.demo.DemoOptions;
import org.dormouse.lab.demo.DemoResult;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.guest.GuestSoftware;
import org.dormouse.lab.packaging.DebianPackage;
import org.dormouse.lab.qemu.AcceleratorChoice;
import org.dormouse.lab.qemu.Firmware;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ConsoleReporter;
import org.dormouse.lab.setup.Kernel;
import org.dormouse.lab.setup.KernelFlavour;
import org.dormouse.lab.setup.Provisions;
import org.dormouse.lab.setup.Setup;
import org.dormouse.lab.setup.SetupException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** A real machine fills its memory, sleeps, is switched off, wakes up, and proves it. */
@Command(
    name = "demo",
    description =
        "A machine in QEMU fills its memory, sleeps, is switched off, wakes up, and proves that it is"
            + " what it was. The last line is PASS or FAIL.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:PASS", "1:FAIL", "2:wrong options", "69:something needed is missing"},
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MachineArguments machine;

  @Option(
      names = "--fill",
      paramLabel = "SHARE",
      defaultValue = "60%",
      converter = FillShare.class,
      description = "How full the memory is to be (default: ${DEFAULT-VALUE}%%).")
  private Fill fill;

  @Option(
      names = "--used-before",
      paramLabel = "SHARE",
      defaultValue = "0%",
      converter = FillShare.class,
      description =
          "How much of the memory is filled with random bytes and freed again before that (default:"
              + " ${DEFAULT-VALUE}%%).")
  private Fill usedBefore;

  @Option(
      names = "--wake",
      paramLabel = "HOW",
      defaultValue = "kexec",
      description =
          "kexec: an ordinary boot starts the saver; direct: the boot loader does (default:"
              + " ${DEFAULT-VALUE}).")
  private Wake wake;

  @Option(
      names = "--cycles",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often the guest sleeps (default: ${DEFAULT-VALUE}).")
  private int cycles;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of what the memory is filled with (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "The guest seals its images for this key file, and has a disk with it ('dormouse key create"
              + " --key-file FILE' makes one).")
  private Optional<Path> key = Optional.empty();

  @Option(
      names = "--codec",
      paramLabel = "CODEC",
      converter = CodecOption.class,
      description =
          "What images are compressed with: see 'dormouse hibernate --help' (default: the saver"
              + " decides).")
  private Optional<CodecChoice> codec = Optional.empty();

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description =
          "Leave kernel, initramfs, disks, scripts with the exact QEMU commands, and logs with the"
              + " host's times there.")
  private Optional<Path> keep = Optional.empty();

  @Option(
      names = "--debian",
      description =
          "A real Debian 12 instead, started by its boot loader (--firmware bios: GRUB, uefi:"
              + " systemd-boot): installs the package, is set up, works, and 'systemctl hibernate'"
              + " sends it to sleep. Takes root and mmdebstrap, once.")
  private boolean debian;

  @Option(
      names = "--encrypted",
      description =
          "With --debian and UEFI: as Debian's installer does \"encrypted LVM\": GRUB, /boot, and LUKS"
              + " with root and swap on LVM.")
  private boolean encrypted;

  @Option(
      names = "--docs",
      paramLabel = "FOLDER",
      hidden = true,
      description = "What the package's manual refers to; the launcher says where that is.")
  private Path documents = Path.of("docs");

  @Option(names = "--json", paramLabel = "FILE", description = "Write every figure there.")
  private Optional<Path> json = Optional.empty();

  @Override
  public Integer call() throws SetupException, IOException, InterruptedException {
    CacheFolder cache = CacheFolder.fromEnvironment();
    return debian ? demonstrateDebian(cache) : demonstrate(cache);
  }

  private int demonstrate(CacheFolder cache)
      throws SetupException, IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Provisions provisions =
        new Setup(cache, ConsoleReporter.onStandardError()).provide(machine.kernel());
    DemoOptions options = options(provisions.guestSoftware(), cache.path());
    Demo demo = new Demo(options, out);
    try (WorkFolder folder = workFolder(cache)) {
      GuestSoftware software =
          folder.stays() ? folder.copyOf(provisions.guestSoftware()) : provisions.guestSoftware();
      DemoResult result = demo.run(software, folder.path());
      if (json.isPresent()) {
        Files.writeString(json.get(), demo.json(result));
      }
      return finish(() -> demo.tellEnd(result), result, folder, out);
    }
  }

  private int demonstrateDebian(CacheFolder cache)
      throws SetupException, IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    ConsoleReporter reporter = ConsoleReporter.onStandardError();
    checkDebianOptions();
    DebianBuild build = new DebianBuild(cache, reporter);
    build.check();
    Setup setup = new Setup(cache, reporter);
    Kernel kernel = setup.kernel(isPackaged() ? KernelFlavour.V6_12 : machine.kernel());
    DebianRecipe recipe = recipe(isPackaged() ? packaged(setup) : new DebianKernel.Built(kernel));
    AcceleratorChoice chosen = machine.chooseAccelerator(kernel.image(), cache.path());
    DebianFiles files = build.files(recipe);
    DebianDemo demo = new DebianDemo(recipe, machine.machineWithoutKernel(chosen), cycles, out);
    try (WorkFolder folder = workFolder(cache)) {
      Path dormouse =
          new DebianPackage(cache, reporter).build(setup.software(), documents, folder.path());
      DemoResult result = demo.run(files, dormouse, folder.path());
      return finish(() -> demo.tellEnd(result), result, folder, out);
    }
  }

  /** What does not go together is said before anything is built. */
  private void checkDebianOptions() {
    if (encrypted && machine.firmware() == Firmware.BIOS) {
      throw new ParameterException(
          spec.commandLine(), "--encrypted is a disk for UEFI: add --firmware uefi");
    }
    if (!machine.append().isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--append is not for --debian, whose boot loader has the command line");
    }
  }

  /** Debian's own configuration: a package with modules, as a person has it. */
  private boolean isPackaged() {
    return machine.kernel() == KernelFlavour.DEBIAN;
  }

  private static DebianKernel packaged(Setup setup)
      throws SetupException, IOException, InterruptedException {
    Path saver = setup.kernel(KernelFlavour.SAVER).image();
    return DebianKernel.Packaged.of(setup.debianKernelPackage(), Optional.of(saver));
  }

  private DebianRecipe recipe(DebianKernel kernel) {
    return new DebianRecipe(
        kernel, encrypted ? DebianLayout.ENCRYPTED : DebianLayout.plain(machine.firmware()));
  }

  private DemoOptions options(GuestSoftware software, Path cache)
      throws SetupException, IOException, InterruptedException {
    AcceleratorChoice chosen = machine.chooseAccelerator(software.kernel(), cache);
    return new DemoOptions(
        machine.machine(software.kernel(), chosen),
        chosen.reason(),
        usedBefore,
        fill,
        cycles,
        wake,
        seed,
        key,
        codec);
  }

  private WorkFolder workFolder(CacheFolder cache) throws IOException {
    return keep.isPresent() ? WorkFolder.kept(keep.get()) : WorkFolder.temporary(cache.path());
  }

  private static int finish(
      Runnable lastLine, DemoResult result, WorkFolder folder, PrintWriter out) {
    boolean passed = result instanceof DemoResult.Pass;
    if (!passed) {
      folder.keep();
    }
    if (!passed || folder.stays()) {
      out.println("disks, logs and commands: " + folder.path());
    }
    lastLine.run();
    return passed ? ExitCode.OK : ExitCode.NO;
  }

  /** Reads {@code 60%}. */
  static final class FillShare implements ITypeConverter<Fill> {
    @Override
    public Fill convert(String text) {
      try {
        return Fill.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'" + text + "' is not a share of memory like 60%");
      }
    }
  }
}
