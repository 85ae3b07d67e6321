package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.image.ImagePages;
import org.dormouse.image.ImageReader;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Transition;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.qemu.Reset;
import org.dormouse.lab.qemu.SerialLine;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.BlockStore;
import org.dormouse.text.Quantity;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A machine whose images are sealed: it wakes by a disk with the key file, and by a passphrase that
 * is typed on its console. Who does not know it gets an ordinary boot, and the image stays.
 */
class SealedIT {
  private static final Duration BOOT = Duration.ofMinutes(2);
  private static final Duration QUICK = Duration.ofMinutes(1);
  private static final String READY = "guest: ready";
  private static final String ASKS = "dormouse: the image of .* is sealed";
  private static final String WRONG = "that is not the passphrase";

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void aMachineSleepsSealedAndWakesByKeyFileAndByPassphrase() throws Exception {
    Path folder = bed.folder("sealed");
    HostKey key = HostKey.create(folder.resolve("key"));
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder, key.file())) {
      scenario.boot();
      assertThat(scenario.shell().run("dormouse key show", QUICK).output())
          .contains("images are not sealed");
      assertThat(scenario.importKey()).contains("are sealed for key");
      scenario.startWorkload(5);
      scenario.fillTo(Fill.parse("50%"));
      SameGuest guest = SameGuest.of(scenario);
      wakesByKeyFile(scenario, key);
      guest.check(scenario);

      scenario
          .shell()
          .check("printf 'white rabbit\\nwhite rabbit\\n' | dormouse key create --replace", QUICK);
      guest = SameGuest.of(scenario);
      scenario.hibernate();
      DiskCopies copies = DiskCopies.of(scenario.options().disks());
      bootsWithoutThePassphrase(scenario);
      copies.putBack(scenario.rootDisk());
      switchedOffWhenAsked(scenario);
      wakesByPassphrase(scenario);
      guest.check(scenario);
      putBackItHasNoKey(scenario, copies);
    }
    bed.tidy(folder);
  }

  private static void wakesByKeyFile(Scenario scenario, HostKey key) throws Exception {
    Transition asleep = scenario.hibernate();
    assertThat(asleep.lines()).anyMatch(line -> isFact(line, "sealed yes"));
    StoreFile store = new StoreFile(scenario.imageDisk());
    assertThat(store.value("seal")).matches("aes_256_gcm|chacha20_poly1305");
    holdsNoKey(scenario.imageDisk(), key);
    Transition awake = scenario.wake(Wake.KEXEC);
    assertThat(awake.lines()).anyMatch(line -> isFact(line, "key file"));
    assertThat(awake.lines()).anyMatch(line -> isFact(line, "sealed yes"));
    assertThat(store.state()).isEqualTo("CONSUMED");
  }

  /**
   * Opens the image as whoever has the key can, and looks for that and for the image's own in it.
   */
  private static void holdsNoKey(Path disk, HostKey key) throws Exception {
    Matcher text =
        Pattern.compile("public=([0-9a-f]{64})\n(?s:.*)private=([0-9a-f]{64})\n")
            .matcher(Files.readString(key.file()));
    assertThat(text.find()).isTrue();
    String privateKey = text.group(2);
    try (BlockStore store = BlockStore.forReading(disk);
        ImageKey own = key.of(store).orElseThrow();
        ImagePages pages = ImageReader.open(store, Optional.of(own)).pages()) {
      byte[] imageKey = own.bytes().toArray(ValueLayout.JAVA_BYTE);
      // The public half lies in the machine's file, which was written and read: it can be found.
      assertThat(holds(pages, text.group(1).getBytes(StandardCharsets.US_ASCII))).isTrue();
      assertThat(holds(pages, imageKey)).isFalse();
      assertThat(holds(pages, HexFormat.of().parseHex(privateKey))).isFalse();
      assertThat(holds(pages, privateKey.getBytes(StandardCharsets.US_ASCII))).isFalse();
    }
  }

  /** Whether {@code wanted} lies in one of the pages. */
  private static boolean holds(ImagePages pages, byte[] wanted) throws Exception {
    MemorySegment needle = MemorySegment.ofArray(wanted);
    long beginning = needle.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(Pages.SIZE, Pages.SIZE);
      for (long pfn = pages.saved().next(0);
          pfn < pages.saved().limit();
          pfn = pages.saved().next(pfn + 1)) {
        pages.read(new PageRange(pfn, pfn + 1), page);
        for (long at = 0; at <= Pages.SIZE - wanted.length; at++) {
          if (page.get(ValueLayout.JAVA_LONG_UNALIGNED, at) == beginning
              && page.asSlice(at, wanted.length).mismatch(needle) == -1) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static void bootsWithoutThePassphrase(Scenario scenario) throws Exception {
    StoreFile store = new StoreFile(scenario.imageDisk());
    Machine asked = scenario.powerOnAs(scenario.options().withReset(Reset.REBOOTS));
    int line = asked.awaitLine(ASKS, BOOT).number();
    for (String guess : new String[] {"Cheshire cat", "", "white rabbit "}) {
      asked.type(guess + "\n");
      line = asked.awaitLine(WRONG, line + 1, QUICK).number();
    }
    asked.awaitLine("left alone this once: nobody knew the passphrase", line, BOOT);
    asked.awaitLine(READY, line, BOOT);
    asked.kill();
    assertThat(store.state()).isEqualTo("COMPLETE");
    assertThat(store.attempts()).isZero();
    assertThat(asked.console().lines()).noneMatch(said -> said.text().contains("rabbit"));
  }

  private static void switchedOffWhenAsked(Scenario scenario) throws Exception {
    scenario.powerOn().awaitLine(ASKS, BOOT);
    scenario.machine().kill();
    StoreFile store = new StoreFile(scenario.imageDisk());
    assertThat(store.state()).isEqualTo("COMPLETE");
    assertThat(store.attempts()).isZero();
  }

  private static void wakesByPassphrase(Scenario scenario) throws Exception {
    Machine asked = scenario.powerOn();
    int line = asked.awaitLine(ASKS, BOOT).number();
    asked.type("white rabbits\n");
    asked.awaitLine(WRONG, line, QUICK);
    asked.type("white rabbit\n");
    Transition awake = scenario.awaken(Scenario.AWAKE);
    assertThat(awake.lines()).anyMatch(said -> isFact(said, "key passphrase"));
    long free = freeBytes(awake);
    System.out.println("  after a passphrase and a wake the saver has " + Quantity.bytes(free));
    assertThat(free).isGreaterThan(2L << 20);
  }

  /** The image was used. Somebody writes its header back as it was. */
  private static void putBackItHasNoKey(Scenario scenario, DiskCopies copies) throws Exception {
    scenario.machine().kill();
    copies.putBack(scenario.rootDisk());
    copies.putBack(scenario.imageDisk(), 0, 4096);
    scenario.powerOn();
    scenario
        .machine()
        .awaitLine("not woken: .*the image was used before, and its key is erased", BOOT);
    scenario.machine().awaitExit(BOOT);
    assertThat(new StoreFile(scenario.imageDisk()).state()).isEqualTo("EMPTY");
  }

  private static boolean isFact(SerialLine line, String fact) {
    return line.text().contains("dormouse: fact " + fact);
  }

  private static long freeBytes(Transition awake) {
    Optional<String> told =
        awake.lines().stream()
            .map(SerialLine::text)
            .filter(text -> text.contains("fact saver_free_bytes "))
            .findFirst();
    return Long.parseLong(told.orElseThrow().replaceAll(".* ", "").strip());
  }
}
