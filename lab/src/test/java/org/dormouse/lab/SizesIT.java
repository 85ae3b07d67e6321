package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.image.CodecChoice;
import org.dormouse.lab.demo.Demo;
import org.dormouse.lab.demo.DemoOptions;
import org.dormouse.lab.demo.DemoResult;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.qemu.DiskBus;
import org.dormouse.lab.qemu.MachineOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Machines small and large, empty and full, new and used, with old and new processors, sleep and
 * wake: the demonstration, which compares digests of all filled memory, PIDs, counters, a TCP
 * connection, files and the root file system. Each has several of these properties.
 */
class SizesIT {
  private static final long GIB = 1L << 30;
  private static final long PAGE = 4096;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  /**
   * With one CPU the two disks on AHCI keep their order. With more CPUs or disks the kernel may
   * name them the other way round: drivers/scsi/sd.c probes them asynchronously.
   */
  @Test
  void oneGibibyteUsedBeforeNearlyFullOneOldCpuAhci() throws Exception {
    MachineOptions machine =
        bed.machine().withCpus(1).withCpuModel("qemu64").withDiskBus(DiskBus.AHCI);
    String told = sleepAndWake("one-gibibyte", options(machine, "90%", "76%", Wake.KEXEC));
    assertThat(figure(told, "pages_saved") * PAGE).isGreaterThan(GIB * 70 / 100);
  }

  @Test
  @Tag("long")
  void threeGibibytesFullFourCpusFourLevelPagingNvme() throws Exception {
    MachineOptions machine =
        bed.machine()
            .withMemoryBytes(3 * GIB)
            .withCpus(4)
            .withCpuModel("Skylake-Client")
            .withDiskBus(DiskBus.NVME);
    String told = sleepAndWake("three-gibibytes", options(machine, "0%", "92%", Wake.DIRECT));
    assertThat(figure(told, "pages_saved") * PAGE).isGreaterThan(3 * GIB * 85 / 100);
  }

  @Test
  void sixteenGibibytesNearlyEmptyEightCpus() throws Exception {
    MachineOptions machine =
        bed.machine().withMemoryBytes(16 * GIB).withCpus(8).withCpuModel("EPYC");
    DemoOptions options = options(machine, "0%", "10%", Wake.KEXEC);
    String told = sleepAndWake("sixteen-gibibytes", options.withCodec(CodecChoice.parse("lz4")));
    assertThat(figure(told, "pages_saved") * PAGE).isBetween(GIB, 2 * GIB);
    assertThat(figure(told, "image_bytes")).isLessThan(figure(told, "pages_saved") * PAGE * 6 / 10);
    assertThat(figure(told, "pages_free") * PAGE).isGreaterThan(13 * GIB);
  }

  private static DemoOptions options(
      MachineOptions machine, String usedBefore, String fill, Wake wake) {
    return new DemoOptions(
        machine,
        bed.accelerator().reason(),
        Fill.parse(usedBefore),
        Fill.parse(fill),
        1,
        wake,
        42,
        Optional.empty(),
        Optional.empty());
  }

  private static String sleepAndWake(String name, DemoOptions options) throws Exception {
    Path folder = bed.folder(name);
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    Demo demo = new Demo(options, out);
    DemoResult result = demo.run(bed.software(), folder);
    demo.tellEnd(result);
    assertThat(result).as("logs are in %s", folder).isInstanceOf(DemoResult.Pass.class);
    bed.tidy(folder);
    return demo.json(result);
  }

  private static long figure(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\": ?(\\d+)").matcher(json);
    assertThat(matcher.find()).as("%s in %s", name, json).isTrue();
    return Long.parseLong(matcher.group(1));
  }
}
