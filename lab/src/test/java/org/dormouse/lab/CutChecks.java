package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Predicate;
import org.dormouse.image.Damage;
import org.dormouse.image.Image;
import org.dormouse.image.ImageBody;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageReader;
import org.dormouse.image.ImageState;
import org.dormouse.image.PipelineSize;
import org.dormouse.image.SaverFiles;
import org.dormouse.lab.CutStore.Unflushed;
import org.dormouse.lab.PowerCut.Found;
import org.dormouse.lab.WriteLog.Entry;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.Store;
import org.dormouse.store.StoreContents;
import org.dormouse.text.ReportException;

/**
 * Cuts the power at many points of a log, and checks what is then in the store: it is what the
 * table says, an image that may be woken is whole, and one that may not cannot be opened.
 */
final class CutChecks {
  /** How often a header that is just being written is torn. */
  private static final int TEARS_OF_A_HEADER = 10;

  /** How many points of a moment lie anywhere. */
  private static final int POINTS_ANYWHERE = 12;

  /** How near to a header or a flush every entry is a point. */
  private static final int NEAR = 2;

  private final CutStore store;
  private final WriteLog log;
  private final HostKey key;
  private final Random random;
  private final Map<PowerCut, Integer> points = new EnumMap<>(PowerCut.class);
  private final Map<String, Optional<ImageState>> blocks = new LinkedHashMap<>();
  private final List<Wanted> wanted = new ArrayList<>();
  private Optional<Seen> wholeImage = Optional.empty();
  private Optional<Seen> wholeSaver = Optional.empty();

  /**
   * Checks of a store.
   *
   * @param key opens its images
   */
  CutChecks(CutStore store, WriteLog log, HostKey key, long seed) {
    this.store = store;
    this.log = log;
    this.key = key;
    this.random = new Random(seed);
  }

  /** A store that is to be kept as a disk. */
  private record Wanted(PowerCut moment, Predicate<Found> found, Path disk) {}

  /** What has been found to be whole, and where its sectors were. */
  private static final class Seen {
    private final int[] sectors;
    private final Optional<SaverFiles> saver;
    private final Optional<ImageBody> body;

    Seen(CutStore store, Optional<SaverFiles> saver, Optional<ImageBody> body) {
      this.sectors = store.sectors();
      this.saver = saver;
      this.body = body;
    }

    boolean isBehindTheHeader(Seen before) {
      return before.saver.equals(saver)
          && before.body.equals(body)
          && isSame(before, sectors.length);
    }

    boolean isSaver(Seen before, long end) {
      return before.saver.equals(saver)
          && isSame(before, Math.toIntExact(end / WriteLog.SECTOR_BYTES));
    }

    private boolean isSame(Seen before, int end) {
      int data = Store.ALIGNMENT / WriteLog.SECTOR_BYTES;
      return Arrays.equals(sectors, data, end, before.sectors, data, end);
    }
  }

  /** Makes a disk of the first store that is found so. */
  void keep(PowerCut moment, Predicate<Found> found, Path disk) {
    wanted.add(new Wanted(moment, found, disk));
  }

  /** How many points there were at each moment. */
  Map<PowerCut, Integer> points() {
    return points;
  }

  /** The first blocks that were found, a byte a character, and the state that each has, if any. */
  Map<String, Optional<ImageState>> blocks() {
    return blocks;
  }

  /** Cuts at points of a part of the log that lies behind those of earlier calls. */
  void check(CutMoments part) throws IOException, InterruptedException {
    List<PowerCut> moments = part.moments();
    int begin = 0;
    for (int i = 0; i < moments.size(); i = begin) {
      while (begin < moments.size() && moments.get(begin) == moments.get(i)) {
        begin++;
      }
      check(moments.get(i), part.from() + i, part.from() + begin, part.image());
    }
  }

  private void check(PowerCut moment, int from, int to, UUID image)
      throws IOException, InterruptedException {
    // A moment that begins with a flush begins when that has ended.
    boolean flushed = log.entries().get(from) instanceof Entry.Flush;
    store.cut(flushed ? from + 1 : from, Unflushed.LOST, random);
    Found before = find();
    for (int entry = from; entry < to; entry++) {
      for (Unflushed what : cutsBehind(entry, to - from)) {
        store.cut(entry + 1, what, random);
        points.merge(moment, 1, Integer::sum);
        try {
          check(moment, before, image);
        } catch (IOException | AssertionError e) {
          throw new AssertionError(
              "%s: power fails behind entry %d, %s, of what was not flushed is %s: %s"
                  .formatted(moment, entry, log.entries().get(entry), what, e.getMessage()),
              e);
        }
      }
    }
  }

  private List<Unflushed> cutsBehind(int entry, int entriesOfMoment) {
    List<Unflushed> cuts = new ArrayList<>();
    if (CutMoments.isHeader(log.entries().get(entry))) {
      cuts.add(Unflushed.LOST);
      cuts.add(Unflushed.KEPT);
      for (int i = 0; i < TEARS_OF_A_HEADER; i++) {
        cuts.add(Unflushed.TORN);
      }
    } else if (isNear(entry)) {
      cuts.add(Unflushed.LOST);
      cuts.add(Unflushed.TORN);
    } else if (random.nextInt(entriesOfMoment) < POINTS_ANYWHERE) {
      cuts.add(Unflushed.TORN);
    }
    return cuts;
  }

  private boolean isNear(int entry) {
    List<Entry> entries = log.entries();
    return entries
        .subList(Math.max(0, entry - NEAR), Math.min(entries.size(), entry + NEAR + 1))
        .stream()
        .anyMatch(near -> near instanceof Entry.Flush || CutMoments.isHeader(near));
  }

  private void check(PowerCut moment, Found before, UUID image)
      throws IOException, InterruptedException {
    Found found = find();
    assertThat(moment.permits(before, found))
        .as("the table allows %s, where there was %s", found, before)
        .isTrue();
    if (found.is(ImageState.COMPLETE) || found.is(ImageState.REFUSED)) {
      assertThat(found.header().orElseThrow().image()).isEqualTo(image);
      checkWhole(found);
    }
    if (!found.is(ImageState.COMPLETE)) {
      isNotOpened();
    }
    if (found.saver().isPresent()) {
      checkSaver(found.saver().get());
    }
    blocks.put(block(), found.state());
    keepIfWanted(moment, found);
  }

  /** What a store says; one that was never used has nothing that anybody would miss. */
  private Found find() throws IOException {
    try {
      return new Found(Optional.of(Image.header(store)));
    } catch (ImageFormatException e) {
      assertThat(e.damage()).as(e.getMessage()).isEqualTo(Damage.NOT_AN_IMAGE);
      assertThat(StoreContents.probe(store)).isEqualTo(new StoreContents.Empty());
      return new Found(Optional.empty());
    }
  }

  private void isNotOpened() {
    assertThat(catchThrowableOfType(ImageFormatException.class, () -> ImageReader.open(store)))
        .isNotNull();
  }

  /** All of it is read, unless that very data has been read before. */
  private void checkWhole(Found found) throws IOException, InterruptedException {
    Seen seen = new Seen(store, found.saver(), found.header().flatMap(ImageHeader::body));
    if (wholeImage.filter(seen::isBehindTheHeader).isEmpty()) {
      verify();
      wholeImage = Optional.of(seen);
    }
  }

  private void verify() throws IOException, InterruptedException {
    Optional<ImageKey> imageKey = key.of(store);
    try {
      // Every image of the machine is sealed.
      assertThat(imageKey).isPresent();
      ImageReader.inspect(store, imageKey).verify(PipelineSize.of(2), new ImageProgress());
    } finally {
      imageKey.ifPresent(ImageKey::close);
    }
  }

  private void checkSaver(SaverFiles saver) throws ReportException {
    Seen seen = new Seen(store, Optional.of(saver), Optional.empty());
    if (wholeSaver.filter(before -> seen.isSaver(before, saver.dataOffset())).isEmpty()) {
      saver.verify(store);
      wholeSaver = Optional.of(seen);
    }
  }

  private String block() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(Store.ALIGNMENT, Store.ALIGNMENT);
      store.read(0, block);
      return new String(block.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }
  }

  private void keepIfWanted(PowerCut moment, Found found) throws IOException {
    for (Wanted one : List.copyOf(wanted)) {
      if (one.moment() == moment && one.found().test(found)) {
        store.writeTo(one.disk());
        wanted.remove(one);
      }
    }
  }
}
