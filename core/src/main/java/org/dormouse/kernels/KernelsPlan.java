package org.dormouse.kernels;

import java.util.ArrayList;
import java.util.List;
import org.dormouse.kexec.KernelsLayout;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.memory.PageRange;
import org.dormouse.protocol.KernelTable.Member;
import org.dormouse.protocol.KernelTable.State;
import org.dormouse.text.Quantity;

/**
 * How all the added kernels will be loaded.
 *
 * @param kernels in the order of the layout
 * @param layout what is loaded
 */
record KernelsPlan(List<Registration> kernels, KernelsLayout layout) {
  KernelsPlan {
    kernels = List.copyOf(kernels);
  }

  /** As they stand when they are loaded. */
  List<Member> members(long now) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < kernels.size(); i++) {
      SaverLayout own = layout.kernels().get(i);
      members.add(
          new Member(
              kernels.get(i).name(),
              State.COLD,
              own.image().entry(),
              own.image().entry(),
              region(own),
              now,
              List.of()));
    }
    return members;
  }

  /** The plan for people. */
  List<String> describe() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < kernels.size(); i++) {
      PageRange region = region(layout.kernels().get(i));
      lines.add(
          String.format(
              "%s: %s in %s, started from %s",
              kernels.get(i).name(),
              Quantity.bytes(region.bytes()),
              region,
              kernels.get(i).kernel()));
    }
    lines.addAll(layout.describe().lines().toList());
    return lines;
  }

  private static PageRange region(SaverLayout layout) {
    return new PageRange(layout.addresses().stub().start(), layout.addresses().initramfs().end());
  }
}
