package org.dormouse.example;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.dormouse.image.ImagePages;
import org.dormouse.image.ImageReader;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.store.BlockStore;

/** Prints at which physical addresses of an image's memory a text is. */
final class FindText {
  private FindText() {}

  public static void main(String[] arguments) throws Exception {
    try (BlockStore store = BlockStore.forReading(Path.of(arguments[0]));
        Arena arena = Arena.ofConfined()) {
      ImageReader reader = ImageReader.inspect(store);
      System.out.println("memory of Linux " + reader.description().kernelRelease());
      MemorySegment text = arena.allocateFrom(arguments[1]);
      MemorySegment page = arena.allocate(Pages.SIZE);
      try (ImagePages pages = reader.pages()) {
        for (long pfn = pages.saved().next(0); pfn < pages.saved().limit(); ) {
          pages.read(new PageRange(pfn, pfn + 1), page);
          for (long at = 0; at <= Pages.SIZE - text.byteSize() + 1; at++) {
            if (page.asSlice(at, text.byteSize() - 1).mismatch(text) == text.byteSize() - 1) {
              System.out.printf("0x%x%n", Pages.address(pfn) + at);
            }
          }
          pfn = pages.saved().next(pfn + 1);
        }
      }
    }
  }
}
