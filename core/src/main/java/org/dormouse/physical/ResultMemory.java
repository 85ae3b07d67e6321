package org.dormouse.physical;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.boot.BareProgram;
import org.dormouse.boot.CallRecord;
import org.dormouse.kexec.CallRequest;
import org.dormouse.linux.LockedMemory;
import org.dormouse.linux.RandomBytes;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.text.ReportException;

/**
 * This process's memory into which a program's results are written while the kernel stands still:
 * one page for the record, the others for the output. It is named by its frames, and the kernel may
 * move it to others until the moment of the jump. So each page begins with a token that nobody else
 * has, and the stub writes nothing if one is missing.
 */
final class ResultMemory implements AutoCloseable {
  /** How often other memory is asked for, if a program wants to lie just there. */
  private static final int TRIES = 16;

  private final LockedMemory memory;
  private final List<PageRange> frames;
  private final long token;

  private ResultMemory(LockedMemory memory) throws IOException {
    this.memory = memory;
    this.frames = memory.frames();
    this.token = randomWord();
  }

  /**
   * Takes memory.
   *
   * @param program whose pages it must not be on
   * @param capacity the most bytes of output
   */
  static ResultMemory apartFrom(BareProgram program, long capacity) throws IOException {
    List<ResultMemory> unfit = new ArrayList<>();
    try {
      for (int i = 0; i < TRIES; i++) {
        ResultMemory taken =
            new ResultMemory(LockedMemory.of(Pages.address(CallRequest.Data.frames(capacity))));
        if (taken.isApartFrom(program)) {
          return taken;
        }
        // As long as it is held, the next one gets other frames.
        unfit.add(taken);
      }
    } finally {
      unfit.forEach(ResultMemory::close);
    }
    throw new ReportException(
        "all memory that is to be had for the results lies where the program wants to lie",
        "Nothing was changed; the machine goes on.",
        "Link the program to lie elsewhere, or end programs that use memory.");
  }

  private boolean isApartFrom(BareProgram program) {
    return switch (program) {
      case BareProgram.Flat _ -> true;
      case BareProgram.Placed placed ->
          placed.pieces().stream()
              .noneMatch(piece -> frames.stream().anyMatch(piece.pages()::overlaps));
    };
  }

  private static long randomWord() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment word = arena.allocate(ValueLayout.JAVA_LONG);
      RandomBytes.fill(word);
      return word.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** Where it is. */
  List<PageRange> frames() {
    return frames;
  }

  /** What the pages begin with. */
  long token() {
    return token;
  }

  /** Writes the tokens, and nothing else that could be taken for a result. */
  void prepare() {
    MemorySegment all = memory.memory();
    all.fill((byte) 0);
    for (long page = 0; page < all.byteSize(); page += Pages.SIZE) {
      all.set(ValueLayout.JAVA_LONG, page, token);
    }
  }

  /** What was written of the program. */
  CallRecord record() {
    return CallRecord.of(memory.memory().asSlice(Long.BYTES, CallRecord.BYTES));
  }

  /** A copy of the output. */
  MemorySegment output(long bytes) {
    MemorySegment copy = Arena.ofAuto().allocate(Math.max(1, bytes));
    MemorySegment.copy(memory.memory(), Pages.SIZE, copy, 0, bytes);
    return copy.asSlice(0, bytes);
  }

  @Override
  public void close() {
    memory.close();
  }
}
