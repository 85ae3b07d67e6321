package org.dormouse.lab.demo;

import java.nio.file.Path;
import java.util.Optional;
import org.dormouse.image.CodecChoice;
import org.dormouse.lab.qemu.MachineOptions;

/**
 * What is to be demonstrated.
 *
 * @param machine the guest's, without disks
 * @param acceleratorReason why it is run by what runs it: half a sentence for people
 * @param usedBefore how much of the memory is filled and freed again before the workload starts
 * @param fill how full the guest's memory is to be
 * @param cycles how often the guest sleeps
 * @param wake how it is woken
 * @param seed of the memory's content
 * @param key a key file, if the guest is to seal its images
 * @param codec what images are compressed with, if that is not left to the saver
 */
public record DemoOptions(
    MachineOptions machine,
    String acceleratorReason,
    Fill usedBefore,
    Fill fill,
    int cycles,
    Wake wake,
    long seed,
    Optional<Path> key,
    Optional<CodecChoice> codec) {
  /** The same with images that are sealed. */
  public DemoOptions withKey(Path keyFile) {
    return new DemoOptions(
        machine,
        acceleratorReason,
        usedBefore,
        fill,
        cycles,
        wake,
        seed,
        Optional.of(keyFile),
        codec);
  }

  /** The same with images that are compressed so. */
  public DemoOptions withCodec(CodecChoice choice) {
    return new DemoOptions(
        machine, acceleratorReason, usedBefore, fill, cycles, wake, seed, key, Optional.of(choice));
  }
}
