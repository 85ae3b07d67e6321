package org.dormouse.lab.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Finds out whether KVM works here. That {@code /dev/kvm} opens says little: there are hosts where
 * a virtual machine can be made and dies a few instructions into its kernel. So a kernel is booted,
 * and what came of it is remembered for as long as the host is up.
 */
public final class KvmProbe {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Path KVM = Path.of("/dev/kvm");
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path kernel;
  private final Path cacheFolder;

  /**
   * @param kernel the one to boot
   * @param cacheFolder where the answer is remembered; it is made if it is not there
   */
  public KvmProbe(Path kernel, Path cacheFolder) {
    this.kernel = kernel;
    this.cacheFolder = cacheFolder;
  }

  /** KVM if it really boots a kernel, else TCG. */
  public AcceleratorChoice choose() throws IOException, InterruptedException {
    if (!Files.isWritable(KVM)) {
      return new AcceleratorChoice(Accelerator.TCG, "there is no " + KVM + " to write to");
    }
    if (Files.readAllLines(CPU_INFO).stream()
        .noneMatch(line -> line.matches("flags\\s*:.*\\b(vmx|svm)\\b.*"))) {
      return new AcceleratorChoice(
          Accelerator.TCG, "this machine's processor has no virtualization to offer");
    }
    return bootsOnce()
        ? new AcceleratorChoice(Accelerator.KVM, "a kernel boots under it")
        : new AcceleratorChoice(Accelerator.TCG, "no kernel boots under KVM here");
  }

  private boolean bootsOnce() throws IOException, InterruptedException {
    Files.createDirectories(cacheFolder);
    Path answer = cacheFolder.resolve("kvm-works");
    String question = Files.readString(BOOT_ID).strip();
    if (Files.exists(answer) && Files.readString(answer).startsWith(question)) {
      return Files.readString(answer).strip().endsWith("yes");
    }
    boolean works = boots();
    Files.writeString(answer, question + (works ? " yes\n" : " no\n"));
    return works;
  }

  /** A kernel without a root file system ends in a panic that says so; then it has booted. */
  private boolean boots() throws IOException, InterruptedException {
    MachineOptions options =
        MachineOptions.booting(kernel)
            .withMemoryBytes(256L << 20)
            .withAccelerator(Accelerator.KVM)
            .withAppend("console=ttyS0");
    Path folder = Files.createTempDirectory("dormouse-kvm");
    try (Machine machine = Machine.start(options, "kvm", folder)) {
      machine.awaitLine("VFS: (Cannot open root|Unable to mount root)", PATIENCE);
      return true;
    } catch (MachineException e) {
      return false;
    }
  }
}
