package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.analyze.MemoryDifference;
import org.dormouse.convert.CoreCensus;
import org.dormouse.convert.Dumps;
import org.dormouse.dump.CoreFile;
import org.dormouse.dump.ElfCoreFile;
import org.dormouse.image.ImageReader;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.qemu.SerialLine;
import org.dormouse.lab.workload.WorkloadPages;
import org.dormouse.memory.PageRange;
import org.dormouse.protocol.Original;
import org.dormouse.store.BlockStore;
import org.dormouse.text.KeyValues;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.PageKind;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Snapshots of a running machine: each holds all of its memory as it was at that moment, what lies
 * in the saver region too, and the machine goes on.
 */
@Tag("long")
class SnapshotIT {
  private static final Duration LONG = Duration.ofMinutes(8);
  private static final long MIB = 1L << 20;
  private static final long SEED = 31;

  private static final Pattern STANDSTILL = Pattern.compile("\"standstill_seconds\": ([0-9.]+)");

  /** Behind the header, and within any image. */
  private static final long BROKEN = 64 * MIB;

  /** How far a beat may be late on a host that is busy. */
  private static final double LATE = 1.0;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void eachHoldsTheMemoryOfItsMomentAndTheMachineGoesOn() throws Exception {
    Path folder = bed.folder("snapshot");
    Disk files = fileSystem(folder, 2048 * MIB);
    try (Scenario scenario =
        Scenario.prepare(
            bed.software(), bed.machine().withMemoryBytes(1280 * MIB).withDisk(files), folder)) {
      scenario.boot();
      mount(scenario, files);
      scenario.startWorkload(SEED);
      scenario.fillTo(Fill.parse("28%"));
      SameGuest guest = SameGuest.of(scenario);
      GuestState before = scenario.state();
      beat(scenario);
      assertThat(scenario.shell().check("dormouse snapshot --dry-run /mnt/no.img", LONG))
          .contains("the saver writes the image into memory, at most ");

      plant(scenario, 1111);
      double cold = snapshot(scenario, "/mnt/one.img");
      isLoaded(scenario, false);
      guest.check(scenario);
      Path truth = folder.resolve("qemu.core");
      scenario.machine().dumpMemory(truth);
      scenario.machine().monitor("cont", Map.of());

      plant(scenario, 2222);
      snapshot(scenario, "--warm --exclude cache /mnt/two.img");
      isLoaded(scenario, true);
      guest.check(scenario);

      plant(scenario, 3333);
      double warm = snapshot(scenario, scenario.store());
      Path three = folder.resolve("three.img");
      Files.copy(scenario.imageDisk(), three, StandardCopyOption.REPLACE_EXISTING);
      refused(scenario, scenario.store(), "holds a dump (--replace overwrites it)");
      plant(scenario, 4444);
      snapshot(scenario, "--replace " + scenario.store());
      guest.check(scenario);

      scenario.shell().check("mkfifo /tmp/pipe; cat /tmp/pipe > /mnt/five.img &", LONG);
      plant(scenario, 5555);
      snapshot(scenario, "/tmp/pipe");
      plant(scenario, 6666);
      snapshot(scenario, "--format elf /mnt/six.core");
      plant(scenario, 7777);
      snapshot(scenario, "--format kdump /mnt/seven.kdump");
      guest.check(scenario);
      System.out.printf("stood still: cold %.2f s, warm, on a device %.2f s%n", cold, warm);
      isLoaded(scenario, true);
      scenario.disarm();
      scenario.shell().check("wait %2; umount /mnt", LONG);
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();

      WorkloadPages pages = new WorkloadPages(SEED, before.number("filled_bytes"));
      Path one = extract(files, "one.img", folder);
      everyPageIsInItsPlace(one, truth, pages);
      DumpedMemory.holds(one, 1111, pages);
      Path two = extract(files, "two.img", folder);
      DumpedMemory.holds(two, 2222, pages);
      DumpedMemory.holds(three, 3333, pages);
      DumpedMemory.holds(scenario.imageDisk(), 4444, pages);
      Path five = extract(files, "five.img", folder);
      DumpedMemory.holds(five, 5555, pages);
      Path six = extract(files, "six.core", folder);
      DumpedMemory.holds(six, 6666, pages);
      Path seven = extract(files, "seven.kdump", folder);
      DumpedMemory.holds(seven, 7777, pages);
      differs(one, two, PageKind.ANONYMOUS);
      othersReadIt(six, folder);
      othersReadIt(seven, folder);
    }
    bed.tidy(folder);
  }

  @Test
  void whatCannotBeIsRefusedAndNoFailureStopsTheMachine() throws Exception {
    Path folder = bed.folder("snapshot-fails");
    Disk files = fileSystem(folder, 1280 * MIB);
    Disk small = emptyDisk(folder, "small", 64 * MIB);
    Disk good = emptyDisk(folder, "good", 1280 * MIB);
    MachineOptions machine =
        bed.machine().withMemoryBytes(1024 * MIB).withDisk(files).withDisk(small).withDisk(good);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      MachineOptions options = scenario.options();
      Disk broken = options.disks().getLast();
      scenario.bootAs(FaultyDisk.WRITE.in(options, broken, BROKEN));
      mount(scenario, files);
      scenario.startWorkload(SEED);
      scenario.fillTo(Fill.parse("60%"));
      SameGuest guest = SameGuest.of(scenario);

      refused(scenario, "/mnt/out.img", "too little memory to hold the image until it is written");
      refused(scenario, "/mnt/out.img", "bytes) are to be had");
      refused(scenario, "/mnt", "/mnt exists already");
      refused(scenario, "/no/such/folder", "cannot make /no/such/folder");
      String device = options.deviceOf(small.serial());
      refused(scenario, device, device + " is too small: it has 64 MiB");
      refused(scenario, "--format elf " + device, "is no place for a dump of this format");
      refused(scenario, options.deviceOf(files.serial()), "cannot open the store");
      assertThat(scenario.shell().check("ls /mnt", LONG)).doesNotContain("out.img");
      isLoaded(scenario, false);
      refused(scenario, scenario.store(), "cannot write the store: ");
      assertThat(new StoreFile(scenario.imageDisk()).state()).isEqualTo("EMPTY");
      isLoaded(scenario, false);
      guest.check(scenario);

      plant(scenario, 77);
      beat(scenario);
      String scratch = options.deviceOf(good.serial());
      snapshot(scenario, "--through " + scratch + " --format elf /mnt/out.core");
      assertThat(new StoreFile(good.file()).state()).isEqualTo("EMPTY");
      snapshot(scenario, "--through " + scratch + " --exclude cache,user /mnt/few.img");
      isLoaded(scenario, false);
      guest.check(scenario);
      long filled = scenario.state().number("filled_bytes");
      scenario.shell().check("umount /mnt", LONG);
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
      DumpedMemory.holds(extract(files, "out.core", folder), 77, new WorkloadPages(SEED, filled));
      leavesOut(extract(files, "few.img", folder), new WorkloadPages(SEED, filled));
    }
    bed.tidy(folder);
  }

  private static Disk emptyDisk(Path folder, String name, long bytes) throws Exception {
    Path file = folder.resolve(name + ".img");
    GuestRoot.writeEmptyDisk(file, bytes);
    return new Disk(file, name);
  }

  /**
   * No memory of processes is in it, whether it was swapped out for the saver or not. What a
   * process had in pages that a CPU keeps for its next allocation cannot be told from what is in
   * use: that are few.
   */
  private static void leavesOut(Path image, WorkloadPages pages) throws Exception {
    try (CoreFile core = Dumps.open(image)) {
      DumpedMemory.eachPage(core, (pfn, words) -> pages.isOne(words));
    }
    assertThat(pages.seen()).isLessThan(pages.count() / 50);
    assertThat(Files.size(image)).isLessThan(200 * MIB);
  }

  private static Disk fileSystem(Path folder, long bytes) throws Exception {
    Path file = folder.resolve("files.img");
    GuestRoot.writeEmptyDisk(file, bytes);
    HostCommand.check(List.of("/sbin/mke2fs", "-q", "-t", "ext4", file.toString()));
    return new Disk(file, "files");
  }

  private static void mount(Scenario scenario, Disk files) throws Exception {
    String device = scenario.options().deviceOf(files.serial());
    scenario.shell().check("mount -t ext4 " + device + " /mnt", LONG);
  }

  /** Something on the console ten times a second, as long as programs run. */
  private static void beat(Scenario scenario) throws Exception {
    scenario
        .shell()
        .check("(while :; do echo beat >/dev/console; sleep 0.1; done) </dev/null &", LONG);
  }

  private static void plant(Scenario scenario, long value) throws Exception {
    assertThat(scenario.shell().check("ask plant " + value, LONG)).isEqualTo("planted=" + value);
  }

  /**
   * Takes a snapshot; returns for how many seconds the machine says that it stood still, which is
   * what was to be seen from outside.
   */
  private static double snapshot(Scenario scenario, String arguments) throws Exception {
    int from = scenario.machine().console().lines().size();
    String told = scenario.shell().check("dormouse snapshot --json " + arguments, LONG);
    System.out.println(arguments + ": " + told);
    Matcher standstill = STANDSTILL.matcher(told);
    assertThat(standstill.find()).as(told).isTrue();
    assertThat(told).contains("\"remarks\": []");
    double seconds = Double.parseDouble(standstill.group(1));
    assertThat(seconds)
        .as("longest time without a beat")
        .isBetween(longestPause(scenario, from) - LATE, longestPause(scenario, from) + 0.1);
    return seconds;
  }

  private static double longestPause(Scenario scenario, int from) {
    List<SerialLine> lines = scenario.machine().console().lines();
    double longest = 0;
    double last = -1;
    for (SerialLine line : lines.subList(from, lines.size())) {
      if (line.text().contains("beat")) {
        double at = line.at().toNanos() / 1e9;
        longest = last < 0 ? longest : Math.max(longest, at - last);
        last = at;
      }
    }
    return longest;
  }

  private static void refused(Scenario scenario, String arguments, String why) throws Exception {
    CommandResult result = scenario.shell().run("dormouse snapshot " + arguments, LONG);
    assertThat(result.output()).contains(why);
    assertThat(result.status()).isNotZero();
  }

  private static void isLoaded(Scenario scenario, boolean loaded) throws Exception {
    assertThat(scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG))
        .isEqualTo(loaded ? "1" : "0");
  }

  private static Path extract(Disk files, String name, Path folder) throws Exception {
    Path to = folder.resolve(name);
    HostCommand.check(
        List.of("/sbin/debugfs", "-R", "dump /" + name + " " + to, files.file().toString()));
    assertThat(to).exists();
    return to;
  }

  /**
   * Whether the pages of the workload are where they were, those in the saver region among them:
   * QEMU tells where that is. It also sees copies, in memory that was lent and is free now, or
   * holds a file: so each page has to be in one place that both tell of.
   */
  private static void everyPageIsInItsPlace(Path image, Path truth, WorkloadPages pages)
      throws Exception {
    PageRange region = region(image);
    long[] counts = new long[2];
    try (CoreFile machine = ElfCoreFile.open(truth);
        CoreFile core = Dumps.open(image)) {
      pages.forget();
      DumpedMemory.eachPage(
          machine,
          (pfn, words) -> {
            boolean ram = core.ram().stream().anyMatch(range -> range.contains(pfn));
            if (ram && Arrays.equals(DumpedMemory.words(core, pfn), words) && pages.isOne(words)) {
              counts[region.contains(pfn) ? 1 : 0]++;
            }
          });
    }
    System.out.printf("%d pages outside of the region, %d in it%n", counts[0], counts[1]);
    assertThat(pages.seen()).isEqualTo(pages.count());
    assertThat(counts[1]).as("pages in the saver region").isPositive();
  }

  private static PageRange region(Path image) throws IOException {
    try (BlockStore store = BlockStore.forReading(image)) {
      return Original.of(KeyValues.parse(ImageReader.inspect(store).details())).region();
    }
  }

  private static void differs(Path first, Path second, PageKind kind) throws Exception {
    try (CoreFile one = Dumps.open(first);
        CoreFile two = Dumps.open(second);
        Arena arena = Arena.ofShared()) {
      PageCensus census = CoreCensus.of(two, arena, 2, pages -> {});
      MemoryDifference difference = MemoryDifference.between(one, two, census, pages -> {});
      System.out.println(difference);
      assertThat(difference.kinds().get(kind).changed()).isPositive();
      assertThat(difference.total().same()).isGreaterThan(difference.total().changed());
    }
  }

  private static void othersReadIt(Path dump, Path folder) throws Exception {
    Path log = folder.resolve("log");
    HostCommand.check(List.of("makedumpfile", "--dump-dmesg", dump.toString(), log.toString()));
    assertThat(log).content().contains("dormouse: stage jump");
    Path filtered = folder.resolve(dump.getFileName() + ".filtered");
    // Of a core in which pages are left out, makedumpfile 1.7.2 maps what is not there.
    HostCommand.check(
        List.of(
            "makedumpfile", "--non-mmap", "-l", "-d", "31", dump.toString(), filtered.toString()));
    assertThat(filtered).isNotEmptyFile();
    Files.delete(log);
  }
}
