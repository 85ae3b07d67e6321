package org.dormouse.lab.bench;

import java.util.List;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.qemu.MachineOptions;

/**
 * What is to be measured.
 *
 * @param machine the guest's, without disks
 * @param usedBefore how much of the memory is filled and freed again before the workload starts
 * @param fill how full the guest's memory is to be
 * @param rounds how often each contender's turn comes
 * @param contenders in the order of their turns
 * @param seed of the memory's content
 */
public record BenchOptions(
    MachineOptions machine,
    Fill usedBefore,
    Fill fill,
    int rounds,
    List<Contender> contenders,
    long seed) {
  public BenchOptions {
    if (rounds < 1) {
      throw new IllegalArgumentException("at least one round, not " + rounds);
    }
    contenders = List.copyOf(contenders);
  }
}
