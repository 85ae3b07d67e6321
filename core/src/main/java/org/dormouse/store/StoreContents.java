package org.dormouse.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.dormouse.memory.Pages;
import org.dormouse.text.ReportException;

/** Whose data a store holds, as far as its first and last bytes tell. */
public sealed interface StoreContents {
  /** What a store that holds a Dormouse image, of whatever state and version, begins with. */
  String IMAGE_MAGIC = "DORMOUSE";

  /** What a swap area is, in words: one that is not needed can become a store. */
  String SWAP = "a swap area";

  /** Nothing that anybody would miss: the first 128 KiB and the last 4 KiB are zero. */
  record Empty() implements StoreContents {}

  /** An image, or what is left of one. */
  record Dormouse() implements StoreContents {}

  /**
   * Somebody else's data, which must not be overwritten unasked.
   *
   * @param what what it looks like, for people: {@code "an ext4 file system"}
   */
  record Foreign(String what) implements StoreContents {}

  /**
   * Looks at the first 128 KiB and the last 4 KiB of {@code store}; writes nothing.
   *
   * @throws ReportException if they cannot be read
   */
  static StoreContents probe(Store store) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = arena.allocate(Signature.HEAD_BYTES, Store.ALIGNMENT);
      MemorySegment tail = arena.allocate(Store.ALIGNMENT, Store.ALIGNMENT);
      long whole = Pages.alignDown(store.size(), Store.ALIGNMENT);
      if (whole > 0) {
        store.read(0, head.asSlice(0, Math.min(whole, head.byteSize())));
        store.read(whole - Store.ALIGNMENT, tail);
      }
      return judge(head, tail);
    }
  }

  private static StoreContents judge(MemorySegment head, MemorySegment tail) {
    if (Signature.ascii("image", 0, IMAGE_MAGIC).isIn(head)) {
      return new Dormouse();
    }
    for (Signature signature : Signature.HEAD) {
      if (signature.isIn(head)) {
        return new Foreign(signature.what());
      }
    }
    for (Signature signature : Signature.TAIL) {
      if (signature.isIn(tail)) {
        return new Foreign(signature.what());
      }
    }
    return isZero(head) && isZero(tail) ? new Empty() : new Foreign("data of an unknown kind");
  }

  private static boolean isZero(MemorySegment bytes) {
    return bytes.asSlice(1).mismatch(bytes.asSlice(0, bytes.byteSize() - 1)) == -1
        && bytes.get(ValueLayout.JAVA_BYTE, 0) == 0;
  }
}
