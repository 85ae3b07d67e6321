package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers of small files of the kernel's, with files as real machines have them. */
class MachineFilesTest {
  @TempDir private Path folder;

  private void write(String path, String content) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  @Test
  void readsTheFirmwaresMemoryMap() throws IOException {
    entry(0, "0x0", "0x9fbff", "System RAM");
    entry(10, "0x100000000", "0x13fffffff", "System RAM");
    entry(1, "0x9fc00", "0x9ffff", "Reserved");
    entry(2, "0x100000", "0x1fffff", "System RAM");
    entry(3, "0x200000", "0xbffdffff", "System RAM");
    FirmwareMemoryMap map = FirmwareMemoryMap.read(folder);
    assertThat(map.canonical())
        .containsExactly(
            "0x0 0x9fc00 System RAM",
            "0x9fc00 0xa0000 Reserved",
            "0x100000 0xbffe0000 System RAM",
            "0x100000000 0x140000000 System RAM");
    assertThat(FirmwareMemoryMap.parse(map.canonical())).isEqualTo(map);
    assertThat(FirmwareMemoryMap.read(folder.resolve("none")).entries()).isEmpty();
    assertThatThrownBy(() -> FirmwareMemoryMap.parse(List.of("0x0 0x1")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private void entry(int number, String start, String end, String type) throws IOException {
    write(number + "/start", start + "\n");
    write(number + "/end", end + "\n");
    write(number + "/type", type + "\n");
  }

  @Test
  void readsWhereEfiIsMapped() throws IOException {
    runtime(1, "0x7f9ee000", "0xfffffffeff8ee000", "0x5");
    runtime(0, "0x7f8ed000", "0xfffffffeffced000", "0x6");
    EfiRuntimeMap map = EfiRuntimeMap.read(folder);
    assertThat(map.canonical())
        .containsExactly(
            "0x7f8ed000 0xfffffffeffced000 0x100 0x6 0x800000000000000f",
            "0x7f9ee000 0xfffffffeff8ee000 0x100 0x5 0x800000000000000f");
    assertThat(EfiRuntimeMap.parse(map.canonical())).isEqualTo(map);
  }

  private void runtime(int number, String physical, String virtual, String type)
      throws IOException {
    write(number + "/phys_addr", physical + "\n");
    write(number + "/virt_addr", virtual + "\n");
    write(number + "/num_pages", "0x100\n");
    write(number + "/type", type + "\n");
    write(number + "/attribute", "0x800000000000000f\n");
  }

  @Test
  void readsWatchdogs() throws IOException {
    write("watchdog0/identity", "iTCO_wdt\n");
    write("watchdog0/state", "active\n");
    write("watchdog0/nowayout", "1\n");
    write("watchdog1/identity", "i6300ESB timer\n");
    write("watchdog1/state", "inactive\n");
    write("watchdog1/nowayout", "0\n");
    write("watchdog2/dev", "10:130\n");
    assertThat(Watchdog.all(folder))
        .containsExactly(
            new Watchdog("watchdog0", "iTCO_wdt", Watchdog.State.ACTIVE, true),
            new Watchdog("watchdog1", "i6300ESB timer", Watchdog.State.INACTIVE, false),
            new Watchdog("watchdog2", "", Watchdog.State.UNKNOWN, false));
  }

  @Test
  void armsTheCounterOfLoadsOnceAndLeavesALimitAlone() throws IOException {
    Path knob = folder.resolve("kexec_load_limit_reboot");
    assertThat(KexecLoadCounter.read(knob)).isEmpty();
    assertThat(KexecLoadCounter.arm(knob)).isEmpty();
    assertThat(knob).doesNotExist();
    Files.writeString(knob, "-1\n");
    assertThat(KexecLoadCounter.read(knob)).isEmpty();
    assertThat(KexecLoadCounter.arm(knob)).isEqualTo(OptionalLong.of(1_000_000));
    Files.writeString(knob, "17\n");
    assertThat(KexecLoadCounter.arm(knob)).isEqualTo(OptionalLong.of(17));
  }

  @Test
  void readsWhatTheKernelThinksOfHibernation() throws IOException {
    Path file = folder.resolve("disk");
    assertThat(KernelHibernation.read(file)).isEqualTo(KernelHibernation.UNKNOWN);
    Files.writeString(file, "[platform] shutdown reboot suspend test_resume \n");
    assertThat(KernelHibernation.read(file)).isEqualTo(KernelHibernation.AVAILABLE);
    Files.writeString(file, "[disabled]\n");
    assertThat(KernelHibernation.read(file)).isEqualTo(KernelHibernation.REFUSED);
  }

  @Test
  void theLimitOfSharedMemoryIsUnsigned() throws IOException {
    Path knob = folder.resolve("shmmax");
    assertThat(SharedMemoryLimit.read(knob)).isEmpty();
    Files.writeString(knob, "18446744073692774399\n");
    assertThat(SharedMemoryLimit.read(knob).orElseThrow().allows(1L << 40)).isTrue();
    Files.writeString(knob, "4096\n");
    assertThat(SharedMemoryLimit.read(knob).orElseThrow().allows(8192)).isFalse();
  }

  @Test
  void readsMemoryInBytes() throws IOException {
    MemoryInfo memory =
        MemoryInfo.parse(
            List.of(
                "MemTotal:       24684096 kB",
                "MemFree:        23709392 kB",
                "MemAvailable:   24183652 kB",
                "Buffers:          222584 kB",
                "Cached:           405344 kB",
                "SwapCached:           16 kB",
                "SwapTotal:       2097148 kB",
                "SwapFree:        2097000 kB",
                "Dirty:              2252 kB",
                "AnonPages:        310220 kB",
                "Shmem:              8788 kB",
                "SReclaimable:     136020 kB",
                "HardwareCorrupted:     4 kB",
                "HugePages_Total:       0",
                "DirectMap4k:       28672 kB"));
    assertThat(memory.total()).isEqualTo(24684096L << 10);
    assertThat(memory.use())
        .isEqualTo(
            new MemoryInfo.Use(
                222584L << 10,
                405344L << 10,
                2252L << 10,
                8788L << 10,
                136020L << 10,
                310220L << 10));
    assertThat(memory.swap()).isEqualTo(new MemoryInfo.Swap(2097148L << 10, 2097000L << 10));
    assertThat(memory.hardwareCorrupted()).isEqualTo(4096);
    assertThatThrownBy(() -> MemoryInfo.parse(List.of("MemTotal: 1 kB")))
        .hasMessageContaining("MemFree");
  }

  private static final List<String> CPUINFO =
      List.of(
          "processor\t: 0",
          "vendor_id\t: GenuineIntel",
          "cpu family\t: 6",
          "model\t\t: 167",
          "model name\t: Intel(R) Xeon(R) Processor",
          "stepping\t: 1",
          "apicid\t\t: 4",
          "initial apicid\t: 5",
          "flags\t\t: fpu vme la57 pdpe1gb vme lm",
          "vmx flags\t: vnmi",
          "",
          "processor\t: 1",
          "vendor_id\t: GenuineIntel",
          "apicid\t\t: 6",
          "flags\t\t: fpu");

  @Test
  void readsTheFirstProcessorAndBearsAFlagTwice() {
    Processor processor = Processor.parse(CPUINFO);
    assertThat(processor.online()).isEqualTo(2);
    assertThat(processor.flags()).containsExactlyInAnyOrder("fpu", "vme", "la57", "pdpe1gb", "lm");
    assertThat(processor.model()).isEqualTo(new Processor.Model("GenuineIntel", 6, 167, 1));
    assertThat(processor.bootApicId()).isEqualTo(OptionalInt.of(4));
    assertThat(processor.fiveLevelPaging()).isTrue();
    assertThat(processor.gigabytePages()).isTrue();
  }

  @Test
  void aProcessorThatTellsNothingIsNoError() {
    Processor processor = Processor.parse(List.of("processor\t: 0", "flags\t\t:"));
    assertThat(processor.flags()).isEmpty();
    assertThat(processor.bootApicId()).isEmpty();
    assertThat(processor.model().family()).isEqualTo(-1);
    assertThat(Processor.parse(CPUINFO.subList(11, 15)).bootApicId()).isEmpty();
  }
}
