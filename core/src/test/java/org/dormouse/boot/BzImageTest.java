package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dormouse.boot.LittleEndian.U16;
import static org.dormouse.boot.LittleEndian.U32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BzImageTest {
  @Test
  void readsTheHeader() throws BootFormatException {
    MemorySegment file = FakeKernel.file();
    BzImage kernel = BzImage.parse(file);
    assertThat(kernel.release()).isEqualTo("6.12.117-fake");
    assertThat(kernel.toString()).isEqualTo("Linux 6.12.117-fake (me@here) #1 SMP");
    assertThat(kernel.initSize()).isEqualTo(FakeKernel.INIT_SIZE);
    assertThat(kernel.alignment()).isEqualTo(2 << 20);
    assertThat(kernel.lowestAddress()).isEqualTo(16 << 20);
    assertThat(kernel.commandLineLimit()).isEqualTo(2047);
    assertThat(kernel.loadableAbove4G()).isTrue();
    assertThat(kernel.supports(PagingMode.FIVE_LEVEL)).isTrue();
    assertThat(kernel.setupHeader().byteSize()).isEqualTo(0x202 + 0x6a - 0x1f1);
  }

  @Test
  void theCodeIsASliceOfTheFileBehindTheSetupSectors() throws BootFormatException {
    MemorySegment file = FakeKernel.file();
    MemorySegment code = BzImage.parse(file).code();
    assertThat(code.address()).isEqualTo(file.address() + FakeKernel.CODE_START);
    assertThat(code.byteSize()).isEqualTo(FakeKernel.CODE_SIZE);
  }

  @Test
  void noSetupSectorsMeansFour() throws BootFormatException {
    MemorySegment file = FakeKernel.file();
    file.set(ValueLayout.JAVA_BYTE, 0x1f1, (byte) 0);
    file.set(U32, 0x1f4, 16);
    assertThat(BzImage.parse(file).code().address()).isEqualTo(file.address() + 5 * 512);
  }

  @Test
  void aKernelWithoutFiveLevelsSaysSo() throws BootFormatException {
    MemorySegment file = FakeKernel.file();
    file.set(U16, 0x236, (short) 0x23);
    assertThat(BzImage.parse(file).supports(PagingMode.FIVE_LEVEL)).isFalse();
    assertThat(BzImage.parse(file).supports(PagingMode.FOUR_LEVEL)).isTrue();
  }

  @Test
  void refusesWhatIsNoKernelOfOurKind() {
    assertRefused(file -> file.set(U32, 0x202, 0), "HdrS");
    assertRefused(file -> file.set(U16, 0x1fe, (short) 0), "HdrS");
    assertRefused(file -> file.set(U16, 0x206, (short) 0x20b), "boot protocol 2.11");
    assertRefused(file -> file.set(U16, 0x236, (short) 0), "no 64-bit entry point");
    assertRefused(file -> file.set(ValueLayout.JAVA_BYTE, 0x234, (byte) 0), "not relocatable");
    assertRefused(file -> file.set(U32, 0x230, 0x300000), "alignment of 0x300000");
    assertRefused(file -> file.set(U32, 0x260, 4096), "unpack itself");
    assertRefused(file -> file.set(U16, 0x20e, (short) 0), "which version");
    assertRefused(file -> file.set(ValueLayout.JAVA_BYTE, 0x201, (byte) 0xff), "header ends");
  }

  private static void assertRefused(
      java.util.function.Consumer<MemorySegment> damage, String message) {
    MemorySegment file = FakeKernel.file();
    damage.accept(file);
    assertThatThrownBy(() -> BzImage.parse(file))
        .isInstanceOf(BootFormatException.class)
        .hasMessageContaining(message);
  }

  @Property(tries = 500)
  void aFileThatIsCutShortIsRefused(
      @ForAll @IntRange(max = FakeKernel.CODE_START + FakeKernel.CODE_SIZE - 16) int size) {
    assertThatThrownBy(() -> BzImage.parse(FakeKernel.file().asSlice(0, size)))
        .isInstanceOf(BootFormatException.class);
  }

  @Property(tries = 2000)
  void damageIsReadOrRefusedAndNothingElse(
      @ForAll @Size(max = 40) java.util.List<@IntRange(min = 0x1f1, max = 0x268) Integer> offsets,
      @ForAll byte value,
      @ForAll @IntRange(max = FakeKernel.CODE_START + FakeKernel.CODE_SIZE) int size) {
    MemorySegment file = FakeKernel.file();
    offsets.forEach(offset -> file.set(ValueLayout.JAVA_BYTE, offset, value));
    try {
      BzImage kernel = BzImage.parse(file.asSlice(0, size));
      assertThat(kernel.code().byteSize()).isBetween(513L, kernel.initSize());
      assertThat(kernel.release()).isNotEmpty();
    } catch (BootFormatException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  @Property(tries = 500)
  void randomBytesAreRefused(@ForAll byte[] bytes) {
    assertThatThrownBy(() -> BzImage.parse(MemorySegment.ofArray(bytes)))
        .isInstanceOf(BootFormatException.class);
  }
}
