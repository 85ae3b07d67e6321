package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BootParamsTest {
  private static final MemorySegment SCREEN = MemorySegment.ofArray(new byte[] {7, 8});

  private static final BzImage KERNEL = FakeKernel.kernel();

  @Test
  void whatTheKernelReadsIsWhereItLooks() {
    List<E820.Entry> memory =
        List.of(
            new E820.Entry(0x1000, 0x9f000, E820.Type.RAM),
            new E820.Entry(0xbffe0000L, 0xc0000000L, E820.Type.ACPI_NVS));
    ByteBuffer page =
        page(
            new BootParams(
                KERNEL,
                0x101234000L,
                0x2_8000_1000L,
                0x1_0000_0007L,
                memory,
                0x5000,
                OptionalLong.of(0xf5a10),
                SCREEN));
    assertThat(page.getShort(0)).isEqualTo((short) 0x0807);
    assertThat(page.remaining()).isEqualTo(4096);
    assertThat(page.getInt(0x228)).isEqualTo(0x01234000);
    assertThat(page.getInt(0x0c8)).isEqualTo(1);
    assertThat(page.getInt(0x218)).isEqualTo(0x80001000);
    assertThat(page.getInt(0x0c0)).isEqualTo(2);
    assertThat(page.getInt(0x21c)).isEqualTo(7);
    assertThat(page.getInt(0x0c4)).isEqualTo(1);
    assertThat(page.getLong(0x070)).isEqualTo(0xf5a10);
    assertThat(page.get(0x1e8)).isEqualTo((byte) 2);
    assertThat(page.getLong(0x2d0)).isEqualTo(0x1000);
    assertThat(page.getLong(0x2d8)).isEqualTo(0x9e000);
    assertThat(page.getInt(0x2e0)).isEqualTo(1);
    assertThat(page.getLong(0x2e4)).isEqualTo(0xbffe0000L);
    assertThat(page.getLong(0x2ec)).isEqualTo(0x20000);
    assertThat(page.getInt(0x2f4)).isEqualTo(4);
  }

  @Test
  void theSetupHeaderIsCopiedAndMarkedAsLoaded() {
    ByteBuffer page = page(plain(List.of()));
    assertThat(page.getInt(0x202)).isEqualTo(0x53726448);
    assertThat(page.getInt(0x260)).isEqualTo((int) FakeKernel.INIT_SIZE);
    assertThat(page.get(0x210)).isEqualTo((byte) 0xff);
    assertThat(page.get(0x211)).as("loadflags: LOADED_HIGH added").isEqualTo((byte) 0x21);
  }

  @Test
  void theSentinelIsNotCopied() {
    assertThat(page(plain(List.of())).get(0x1ef)).isZero();
  }

  @Test
  void holds128EntriesAndTheRestIsBehindAPointer() {
    assertThat(page(plain(entries(128))).get(0x1e8)).isEqualTo((byte) 128);
    assertThat(page(plain(entries(128))).getLong(0x250)).as("setup_data").isZero();
    assertThat(plain(entries(128)).extension()).isEmpty();
    BootParams params = plain(entries(131));
    assertThat(page(params).get(0x1e8)).isEqualTo((byte) 128);
    assertThat(page(params).getLong(0x250)).as("setup_data").isEqualTo(0x5000);
    ByteBuffer extension = ByteBuffer.wrap(params.extension()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(extension.remaining()).isEqualTo(16 + 3 * 20);
    assertThat(extension.getLong(0)).as("next").isZero();
    assertThat(extension.getInt(8)).as("SETUP_E820_EXT").isEqualTo(1);
    assertThat(extension.getInt(12)).as("length").isEqualTo(60);
    assertThat(extension.getLong(16)).isEqualTo(128L << 20);
    assertThat(extension.getLong(24)).isEqualTo(4096);
    assertThat(extension.getInt(32)).isEqualTo(2);
    assertThat(extension.getLong(36)).isEqualTo(129L << 20);
  }

  private static List<E820.Entry> entries(int count) {
    return LongStream.range(0, count)
        .mapToObj(i -> new E820.Entry(i << 20, (i << 20) + 4096, E820.Type.RESERVED))
        .toList();
  }

  private static BootParams plain(List<E820.Entry> memory) {
    return new BootParams(KERNEL, 0x1000, 0, 0, memory, 0x5000, OptionalLong.empty(), SCREEN);
  }

  private static ByteBuffer page(BootParams params) {
    return ByteBuffer.wrap(params.bytes()).order(ByteOrder.LITTLE_ENDIAN);
  }
}
