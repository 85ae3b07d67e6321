package org.dormouse.machine;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceMapper.Below;
import org.dormouse.linux.DeviceMapper.Kind;
import org.dormouse.linux.DeviceMapper.Target;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.linux.Mount;
import org.dormouse.linux.SwapArea;

/** A machine with disks in an array each; device mapper devices have what they show written too. */
final class DiskMachine implements Disks {
  final List<BlockDevice> devices = new ArrayList<>();
  final List<Mount> mounts = new ArrayList<>();
  final List<SwapArea> swaps = new ArrayList<>();
  final Map<DeviceNumber, List<Target>> tables = new HashMap<>();
  private final Map<String, byte[]> contents = new HashMap<>();

  static long digest(MemorySegment bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.toArray(ValueLayout.JAVA_BYTE));
    return crc.getValue();
  }

  BlockDevice disk(String name, String number, long start, int size) {
    String disk = start == 0 ? name : name.replaceFirst("[0-9]+$", "");
    return add(
        new BlockDevice(
            DeviceNumber.parse(number),
            name,
            new BlockDevice.Place(disk, start, size),
            new BlockDevice.Hardware("", "serial of " + disk, "0000:00:05.0"),
            List.of()));
  }

  BlockDevice made(String name, String number, int size, String... below) {
    return add(
        new BlockDevice(
            DeviceNumber.parse(number),
            name,
            new BlockDevice.Place(name, 0, size),
            new BlockDevice.Hardware("", "", ""),
            Arrays.stream(below).map(DeviceNumber::parse).toList()));
  }

  BlockDevice add(BlockDevice device) {
    devices.add(device);
    contents.put(device.name(), new byte[(int) device.place().size()]);
    return device;
  }

  void table(String number, Target... targets) {
    tables.put(DeviceNumber.parse(number), List.of(targets));
  }

  static Target target(long start, long length, Kind kind, String device, long offset) {
    return new Target(
        start,
        length,
        kind == Kind.PLAIN ? "linear" : "crypt",
        Optional.of(new Below(DeviceNumber.parse(device), offset, kind)));
  }

  void mount(String point, String type, String... numbers) {
    List<DeviceNumber> sources = Arrays.stream(numbers).map(DeviceNumber::parse).toList();
    mounts.add(
        new Mount(
            sources.size() == 1 ? sources.getFirst() : new DeviceNumber(0, 40),
            point,
            type,
            sources));
  }

  byte[] bytes(String name) {
    return contents.get(name);
  }

  DiskFacts facts() {
    return new DiskFacts(mounts, swaps, devices, tables);
  }

  DiskUses uses() {
    return DiskUses.find(facts(), this);
  }

  List<Sighting> look(List<DiskUse> uses) {
    return uses.stream().map(use -> Sighting.of(use, devices, this, DiskMachine::digest)).toList();
  }

  List<Fingerprint> fingerprints(List<DiskUse> uses) {
    return look(uses).stream().map(sighting -> ((Sighting.Seen) sighting).fingerprint()).toList();
  }

  @Override
  public Reader open(BlockDevice device) throws IOException {
    byte[] content = contents.get(device.name());
    if (content == null) {
      throw new IOException("no medium");
    }
    return new Reader() {
      @Override
      public void read(long offset, MemorySegment target) throws IOException {
        if (((offset | target.byteSize() | target.address()) & (ALIGNMENT - 1)) != 0
            || !target.isNative()) {
          throw new AssertionError("not aligned");
        }
        if (offset + target.byteSize() > content.length) {
          throw new IOException("ends early");
        }
        target.copyFrom(MemorySegment.ofArray(content).asSlice(offset, target.byteSize()));
      }

      @Override
      public void close() {}
    };
  }
}
