package org.dormouse.lab;

import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.dormouse.image.ImageState;
import org.dormouse.lab.WriteLog.Entry;

/**
 * A part of a log in which one thing was done to a store, and for each entry the moment at which
 * the power fails, if it fails just behind it.
 *
 * @param from the number of the first entry
 * @param moments one for each entry
 * @param image the image that the store has then, or gets
 */
record CutMoments(int from, List<PowerCut> moments, UUID image) {
  CutMoments {
    moments = List.copyOf(moments);
  }

  /** What decides which moment follows. */
  private interface Course {
    PowerCut next(Optional<PowerCut> now, Entry entry, Optional<ImageState> header);
  }

  /** A sleep, from the installation of the saver's files to the power-off. */
  static CutMoments ofSleep(WriteLog log, int from, int to, UUID image) {
    return follow(log, from, to, image, CutMoments::nextOfSleep);
  }

  /** A wake, to the jump and beyond. */
  static CutMoments ofWake(WriteLog log, int from, int to, UUID image) {
    return follow(log, from, to, image, CutMoments::nextOfWake);
  }

  /** One move of the image's. */
  static CutMoments of(PowerCut move, WriteLog log, int from, int to, UUID image) {
    return follow(log, from, to, image, (now, entry, header) -> move);
  }

  private static CutMoments follow(WriteLog log, int from, int to, UUID image, Course course) {
    List<PowerCut> moments = new ArrayList<>();
    Optional<PowerCut> now = Optional.empty();
    for (Entry entry : log.entries().subList(from, to)) {
      now = Optional.of(course.next(now, entry, stateIn(log, entry)));
      moments.add(now.get());
    }
    return new CutMoments(from, moments, image);
  }

  private static PowerCut nextOfSleep(
      Optional<PowerCut> now, Entry entry, Optional<ImageState> header) {
    PowerCut before = now.orElse(PowerCut.INSTALL);
    if (header.isPresent()) {
      return switch (header.get()) {
        case EMPTY -> PowerCut.INSTALL;
        case WRITING -> before == PowerCut.INSTALL ? PowerCut.CLAIM : PowerCut.WRITE;
        case COMPLETE -> PowerCut.COMMIT;
        case REFUSED, CONSUMED, DUMP -> throw unexpected(before, header.get());
      };
    }
    return switch (before) {
      case CLAIM -> PowerCut.CLAIMED;
      case CLAIMED -> entry instanceof Entry.Write ? PowerCut.WRITE : before;
      case COMMIT -> PowerCut.ASLEEP;
      default -> before;
    };
  }

  private static PowerCut nextOfWake(
      Optional<PowerCut> now, Entry entry, Optional<ImageState> header) {
    PowerCut before = now.orElse(PowerCut.ATTEMPT);
    if (header.isPresent()) {
      return switch (header.get()) {
        case COMPLETE -> PowerCut.ATTEMPT;
        case CONSUMED -> PowerCut.USE;
        case EMPTY, WRITING, REFUSED, DUMP -> throw unexpected(before, header.get());
      };
    }
    return switch (before) {
      case ATTEMPT -> PowerCut.FRAMES;
      case USE -> PowerCut.USED;
      default -> before;
    };
  }

  private static AssertionError unexpected(PowerCut before, ImageState state) {
    return new AssertionError("after " + before + " the header became " + state);
  }

  /** The state that an entry writes, read without the code that wrote it. */
  private static Optional<ImageState> stateIn(WriteLog log, Entry entry) {
    if (!isHeader(entry)) {
      return Optional.empty();
    }
    Entry.Write write = (Entry.Write) entry;
    byte[] sector = log.sector(write.logSector()).toArray(ValueLayout.JAVA_BYTE);
    return new String(sector, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("state="))
        .map(line -> ImageState.valueOf(line.substring("state=".length())))
        .findFirst();
  }

  /** Whether an entry writes the block with the state. */
  static boolean isHeader(Entry entry) {
    return entry instanceof Entry.Write write && write.sector() == 0;
  }
}
