package org.dormouse.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.linux.EfiVariables;
import org.dormouse.linux.Mount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What boot loaders are told, and that nothing of it stays. */
class DirectWakeTest {
  private static final String COMMAND_LINE =
      "mem=160M memmap=15M$1M iomem=relaxed dormouse.restore=0b0b";

  @TempDir Path folder;

  @Test
  void grubsEntryKeepsDollarSignsAndIsTakenWithoutAQuestion() {
    String text = new DirectEntry("/vmlinuz-6", "/saver.img", COMMAND_LINE).forGrub("12-ab");
    assertThat(text)
        .contains("  linux '/vmlinuz-6' 'mem=160M' 'memmap=15M$1M' 'iomem=relaxed' ")
        .contains("--set=root '12-ab'")
        .contains("--id dormouse-wake ")
        .contains("if [ \"${default}\" = dormouse-wake ]; then\n  set timeout=0\n");
  }

  @Test
  void whatWouldEndALineOrAQuoteIsNoEntry() {
    for (String bad : List.of("", "a\nb", "a'b", "é")) {
      assertThatThrownBy(() -> new DirectEntry("/k", "/i", bad))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void systemdBootGetsCopiesOnceAnEntryAndAWordAndNothingStays() throws Exception {
    Path partition = Files.createDirectories(folder.resolve("efi"));
    Path variables = Files.createDirectories(folder.resolve("firmware/efivars"));
    Path kernel = Files.writeString(folder.resolve("vmlinuz"), "a kernel");
    Path initramfs = Files.writeString(folder.resolve("saver.img"), "an initramfs");
    DirectWake wake =
        new DirectWake(new BootLoader.SystemdBoot(partition), EfiVariables.in(variables));
    wake.prepare(new DirectWake.Saver(kernel, "11", initramfs, "22", COMMAND_LINE));

    assertThat(partition.resolve("loader/entries/0-dormouse-wake.conf"))
        .content()
        .contains("\nlinux /dormouse/vmlinuz\ninitrd /dormouse/saver.img\noptions " + COMMAND_LINE);
    assertThat(partition.resolve("dormouse/vmlinuz")).content().isEqualTo("a kernel");
    Path word = variables.resolve("LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f");
    byte[] written = Files.readAllBytes(word);
    assertThat(written).startsWith(7, 0, 0, 0, '0', 0, '-', 0).endsWith('f', 0, 0, 0);
    assertThat(written).hasSize(4 + 2 * "0-dormouse-wake.conf".length() + 2);

    // A boot loader takes it away before it starts anything.
    Files.delete(word);
    wake.clear();
    assertThat(partition.resolve("loader/entries")).isEmptyDirectory();
    // The same saver is not copied again.
    Files.writeString(partition.resolve("dormouse/vmlinuz"), "touched");
    wake.prepare(new DirectWake.Saver(kernel, "11", initramfs, "22", COMMAND_LINE));
    assertThat(partition.resolve("dormouse/vmlinuz")).content().isEqualTo("touched");
    Files.delete(word);
    // Another one is.
    wake.prepare(new DirectWake.Saver(kernel, "12", initramfs, "22", COMMAND_LINE));
    assertThat(partition.resolve("dormouse/vmlinuz")).content().isEqualTo("a kernel");
    Files.delete(word);
    wake.remove();
    assertThat(partition.resolve("dormouse")).doesNotExist();
  }

  /** GRUB does not read a journal: what it is told must be where the file already is. */
  @Test
  void grubsEntryKeepsItsPlace() throws Exception {
    DirectWake wake = new DirectWake(new BootLoader.Grub(folder), EfiVariables.in(folder));
    Path entry = folder.resolve("dormouse.cfg");
    wake.clear();
    assertThat(entry).doesNotExist();
    wake.layOut();
    assertThat(entry).hasSize(8192).content().isBlank();
    Object place = Files.getAttribute(entry, "unix:ino");
    Files.write(
        folder.resolve("grubenv"),
        GrubEnvironment.empty().with(GrubEnvironment.NEXT, "dormouse-wake").block());
    wake.clear();
    assertThat(entry).hasSize(8192).content().isBlank();
    assertThat(Files.getAttribute(entry, "unix:ino")).isEqualTo(place);
    assertThat(folder.resolve("grubenv")).content().doesNotContain("next_entry");
    wake.remove();
    assertThat(entry).doesNotExist();
  }

  @Test
  void aBootLoaderThatIsNotKnownIsSaidToBe() {
    DirectWake wake = new DirectWake(new BootLoader.Other("LILO"), EfiVariables.in(folder));
    assertThatThrownBy(
            () -> wake.prepare(new DirectWake.Saver(folder, "1", folder, "2", COMMAND_LINE)))
        .isInstanceOf(IOException.class)
        .hasMessage("LILO");
  }

  @Test
  void grubOnAFileSystemThatItCannotWriteIsNotUsed() throws Exception {
    Files.createDirectories(folder.resolve("boot/grub"));
    Files.writeString(folder.resolve("boot/grub/grub.cfg"), "");
    DeviceNumber disk = DeviceNumber.parse("8:2");
    BlockDevice plain =
        new BlockDevice(
            disk,
            "sda2",
            new BlockDevice.Place("sda", 1 << 20, 1 << 30),
            new BlockDevice.Hardware("", "", ""),
            List.of());
    BlockDevice mapped =
        new BlockDevice(
            disk, "dm-0", plain.place(), plain.hardware(), List.of(DeviceNumber.parse("8:3")));
    EfiVariables none = EfiVariables.in(folder.resolve("none/efivars"));
    Mount ext4 = new Mount(disk, "/", "ext4", List.of(disk));
    Mount btrfs = new Mount(disk, "/", "btrfs", List.of(disk));
    assertThat(BootLoader.observe(folder, none, List.of(ext4), List.of(plain)))
        .isEqualTo(new BootLoader.Grub(folder.resolve("boot/grub")));
    assertThat(BootLoader.observe(folder, none, List.of(btrfs), List.of(plain)).describe())
        .contains("btrfs");
    assertThat(BootLoader.observe(folder, none, List.of(ext4), List.of(mapped)).describe())
        .contains("not on a partition");
  }

  @Provide
  Arbitrary<String> values() {
    return Arbitraries.strings().withCharRange('a', 'z').withChars("=0/ ").ofMaxLength(40);
  }

  @Property
  void grubsEnvironmentIsReadAsItWasWritten(
      @ForAll("values") String saved, @ForAll("values") String next) {
    GrubEnvironment before = GrubEnvironment.empty().with("saved_entry", saved);
    byte[] block = before.with(GrubEnvironment.NEXT, next).block();
    assertThat(block)
        .hasSize(1024)
        .startsWith(
            "# GRUB Environment Block\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    GrubEnvironment read = GrubEnvironment.parse(block);
    assertThat(read.value(GrubEnvironment.NEXT)).contains(next);
    assertThat(read.without(GrubEnvironment.NEXT).block()).isEqualTo(before.block());
  }
}
