package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.dormouse.lab.demo.Demo;
import org.dormouse.lab.demo.DemoOptions;
import org.dormouse.lab.demo.DemoResult;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.qemu.DiskBus;
import org.dormouse.lab.qemu.MachineOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Real machines that work, sleep, lose their power, and go on: the demonstration, on machines of
 * different makes. It compares digests of all filled memory, PIDs, counters, a TCP connection,
 * files and the root file system.
 */
class SleepAndWakeIT {
  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void sleepsTwiceInARowWithFiveLevelPaging() throws Exception {
    sleepAndWake("two-sleeps", bed.machine(), "60%", 2);
  }

  @Test
  void threeGibibytesNearlyFullFourCpusFourLevelPagingNvme() throws Exception {
    MachineOptions machine =
        bed.machine()
            .withMemoryBytes(3L << 30)
            .withCpus(4)
            .withCpuModel("max,la57=off")
            .withDiskBus(DiskBus.NVME);
    String told = sleepAndWake("three-gibibytes", machine, "88%", 1);
    assertThat(figure(told, "pages_saved") * 4096).isGreaterThan((3L << 30) * 85 / 100);
  }

  @Test
  void oneCpuAhci() throws Exception {
    sleepAndWake("one-cpu", bed.machine().withCpus(1).withDiskBus(DiskBus.AHCI), "50%", 1);
  }

  private static String sleepAndWake(String name, MachineOptions machine, String fill, int cycles)
      throws Exception {
    Path folder = bed.folder(name);
    DemoOptions options =
        new DemoOptions(
            machine,
            bed.accelerator().reason(),
            Fill.parse("0%"),
            Fill.parse(fill),
            cycles,
            Wake.KEXEC,
            42);
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    Demo demo = new Demo(options, out);
    DemoResult result = demo.run(bed.software(), folder);
    demo.tellEnd(result);
    assertThat(result).as("logs are in %s", folder).isInstanceOf(DemoResult.Pass.class);
    bed.tidy(folder);
    return demo.json(result);
  }

  private static long figure(String json, String name) {
    var matcher = java.util.regex.Pattern.compile("\"" + name + "\": ?(\\d+)").matcher(json);
    assertThat(matcher.find()).as("%s in %s", name, json).isTrue();
    return Long.parseLong(matcher.group(1));
  }
}
