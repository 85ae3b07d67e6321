package org.dormouse.kexec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.FakeKernel;
import org.dormouse.boot.PagingMode;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;

class RestoreCommandLineTest {
  private static final BzImage KERNEL = FakeKernel.kernel();
  private static final PageRange REGION = new PageRange(0x1000, 0x9000);

  @Test
  void leavesTheSaverItsRegionAlone() throws KexecPlanException {
    assertThat(
            RestoreCommandLine.plan(
                REGION,
                KERNEL,
                PagingMode.FOUR_LEVEL,
                Optional.of(new PageRange(0x4000, 0x4100)),
                List.of("dormouse.restore=x", "quiet")))
        .isEqualTo(
            "mem=144M memmap=15M$1M iomem=relaxed nokaslr no5lvl crashkernel=1M@0x4000000"
                + " ramoops.mem_address=0x40f8000 ramoops.mem_size=0x8000 ramoops.record_size=0x8000 ramoops.mem_t"
                + "ype=2 ramoops.console_size=0 ramoops.ftrace_size=0 ramoops.pmsg_size=0 pstore.compress=none crash_kexec_post_notifiers"
                + " dormouse.restore=x quiet");
  }

  @Test
  void aRegionAt1MiBHasNoHoleBelow() throws KexecPlanException {
    assertThat(
            RestoreCommandLine.plan(
                new PageRange(0x100, 0x8001),
                KERNEL,
                PagingMode.FIVE_LEVEL,
                Optional.empty(),
                List.of()))
        .isEqualTo("mem=134221824 iomem=relaxed nokaslr");
  }

  @Test
  void whatIsTooLongForTheKernelIsRefused() {
    assertThatThrownBy(
            () ->
                RestoreCommandLine.plan(
                    REGION,
                    KERNEL,
                    PagingMode.FIVE_LEVEL,
                    Optional.empty(),
                    List.of("x".repeat(FakeKernel.COMMAND_LINE_LIMIT))))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("bytes too long");
  }
}
