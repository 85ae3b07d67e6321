package org.dormouse.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.machine.DiskIdentity;
import org.dormouse.machine.DiskUse;
import org.dormouse.protocol.KernelTable.Held;
import org.junit.jupiter.api.Test;

class DiskHoldsTest {
  private static final List<BlockDevice> DEVICES =
      List.of(disk("vda", "254:0", "one"), disk("vdb", "254:16", "two"), disk("vdc", "254:32", ""));

  private static BlockDevice disk(String name, String number, String serial) {
    return new BlockDevice(
        DeviceNumber.parse(number),
        name,
        new BlockDevice.Place(name, 0, 1 << 20),
        new BlockDevice.Hardware("", serial, "0000:00:05.0"),
        List.of());
  }

  private static Held held(String name, String serial) {
    return new Held(
        new DiskUse(
            new DiskIdentity("", serial, 0, 1 << 20, "0000:00:05.0", name),
            "ext4",
            "mounted on /",
            List.of()),
        "original");
  }

  @Test
  void aDiskIsFoundByWhatItIsAndNotByItsName() {
    DiskHolds.Plan plan = DiskHolds.plan(List.of(held("sda", "two")), DEVICES, List.of());
    assertThat(plan.claim()).extracting(each -> each.device().name()).containsExactly("vdb");
    assertThat(plan.release()).isEmpty();
    assertThat(plan.unknown()).isEmpty();
  }

  @Test
  void whatIsHeldStaysHeldAndWhatNobodyUsesAnyMoreIsReleased() {
    DiskHolds.Plan plan =
        DiskHolds.plan(
            List.of(held("vdb", "two")),
            DEVICES,
            List.of("root-volume", "dormouse-held-rw-vdb", "dormouse-held-ro-vda"));
    assertThat(plan.claim()).isEmpty();
    assertThat(plan.release()).containsExactly("dormouse-held-ro-vda");
  }

  @Test
  void aDiskThatIsNotHereNeedsNoHold() {
    DiskHolds.Plan plan = DiskHolds.plan(List.of(held("vdx", "three")), DEVICES, List.of());
    assertThat(plan.claim()).isEmpty();
    assertThat(plan.unknown()).isEmpty();
  }

  @Test
  void whatCannotBeToldApartIsSaid() {
    List<BlockDevice> twins = List.of(disk("vda", "254:0", ""), disk("vdb", "254:16", ""));
    DiskHolds.Plan plan = DiskHolds.plan(List.of(held("sda", "")), twins, List.of());
    assertThat(plan.claim()).isEmpty();
    assertThat(plan.unknown()).hasSize(1);
  }
}
