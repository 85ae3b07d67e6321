package org.dormouse.initramfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelModulesTest {
  private static final Path FOLDER = Path.of("/lib/modules/6");
  private static final KernelModules DISKS =
      KernelModules.parse(
          FOLDER,
          List.of(
              "kernel/drivers/ata/libata.ko.xz: kernel/drivers/scsi/scsi_mod.ko.xz",
              "kernel/drivers/ata/libahci.ko.xz: kernel/drivers/ata/libata.ko.xz"
                  + " kernel/drivers/scsi/scsi_mod.ko.xz",
              "kernel/drivers/ata/ahci.ko.xz: kernel/drivers/ata/libahci.ko.xz"
                  + " kernel/drivers/ata/libata.ko.xz kernel/drivers/scsi/scsi_mod.ko.xz",
              "kernel/drivers/scsi/scsi_mod.ko.xz:",
              "kernel/drivers/usb/storage/usb-storage.ko.xz: kernel/drivers/scsi/scsi_mod.ko.xz"),
          List.of("kernel/drivers/virtio/virtio-ring.ko", ""));

  private static List<String> names(List<Path> files) {
    return files.stream().map(file -> KernelModules.name(file.toString())).toList();
  }

  @Test
  void eachStandsBehindWhatItNeeds() {
    assertThat(names(DISKS.inOrder(List.of("usb_storage", "ahci", "virtio_ring"))))
        .containsExactly("scsi_mod", "libata", "libahci", "ahci", "usb_storage");
    assertThat(DISKS.inOrder(List.of("ahci")).getFirst())
        .isEqualTo(FOLDER.resolve("kernel/drivers/scsi/scsi_mod.ko.xz"));
    assertThat(KernelModules.numbered(DISKS.inOrder(List.of("ahci"))))
        .containsExactly("000-scsi_mod.ko", "001-libata.ko", "002-libahci.ko", "003-ahci.ko");
  }

  @Test
  void whatIsPartOfTheKernelIsKnownAndWhatIsNowhereIsNot() {
    assertThat(DISKS.unknown(List.of("usb-storage", "virtio_ring", "nvme")))
        .containsExactly("nvme");
  }

  @Test
  void packedModulesAreUnpacked(@TempDir Path folder) throws Exception {
    byte[] module = "\u007fELF, or so".getBytes(StandardCharsets.ISO_8859_1);
    Path plain = Files.write(folder.resolve("a.ko"), module);
    Command.of("xz", "--keep", plain).run();
    Command.of("gzip", "--keep", plain).run();
    for (String name : List.of("a.ko", "a.ko.xz", "a.ko.gz")) {
      assertThat(KernelModules.content(folder.resolve(name))).as(name).isEqualTo(module);
    }
  }

  /** For each of some modules, the numbers of those before it that it needs. */
  @Provide
  Arbitrary<List<Set<Integer>>> needs() {
    return Arbitraries.integers().between(0, 11).set().ofMaxSize(4).list().ofMaxSize(12);
  }

  @Property
  void noModuleComesBeforeOneThatItNeeds(@ForAll("needs") List<Set<Integer>> needs) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < needs.size(); i++) {
      int self = i;
      lines.add(
          "m"
              + i
              + ".ko:"
              + needs.get(i).stream()
                  .filter(n -> n < self)
                  .map(n -> " m" + n + ".ko")
                  .reduce("", String::concat));
    }
    KernelModules modules = KernelModules.parse(FOLDER, lines, List.of());
    List<String> wanted = IntStream.range(0, needs.size()).mapToObj(i -> "m" + i).toList();
    List<Path> ordered = modules.inOrder(wanted.reversed());
    assertThat(names(ordered)).containsExactlyInAnyOrderElementsOf(wanted);
    modules
        .needs()
        .forEach(
            (file, needed) ->
                needed.forEach(
                    each ->
                        assertThat(ordered.indexOf(FOLDER.resolve(each)))
                            .isLessThan(ordered.indexOf(FOLDER.resolve(file)))));
  }
}
