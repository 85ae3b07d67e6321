package org.dormouse.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.image.Corpus.Sample;

/**
 * Changes an image as a recipe says, and makes the checksums right again, so that what lies behind
 * them is tried.
 *
 * <p>A recipe is bytes, any bytes: the number of a sample; a bit for each kind of checksum that is
 * left as it is; then edits of {@link #EDIT_BYTES}: what, how, where (2 bytes), a value (8 bytes),
 * little-endian.
 */
final class ImageForge {
  static final int EDIT_BYTES = 12;
  static final int HEAD_BYTES = 2;

  /** What an edit changes. */
  enum Part {
    STATE_LINE,
    DESCRIPTION_LINE,
    HEADER_BYTE,
    INDEX_WORD,
    INDEX_ENTRY,
    DATA,
    DETAILS,
    STORE_SIZE,
    /** A byte anywhere, after all checksums were made right. */
    UNSEEN
  }

  /** The checksums, each with the bit that leaves it as it is. */
  private enum Sum {
    CHUNKS(1),
    SEGMENTS(1 << 1),
    INDEX(1 << 2),
    DETAILS(1 << 3),
    DESCRIPTION(1 << 4),
    STATE(1 << 5);

    private final int bit;

    Sum(int bit) {
      this.bit = bit;
    }
  }

  private record Edit(Part part, int how, int at, long value) {}

  private static final int MOST_EDITS = 12;

  private final Sample sample;
  private final ChangedStore store;
  private final int leftAlone;
  private final List<Edit> edits = new ArrayList<>();
  private final HeaderLines state;
  private final HeaderLines description;

  private ImageForge(Sample sample, byte[] recipe) {
    this.sample = sample;
    store = sample.store().unchanged();
    byte[] block = store.bytes(0, HeaderBlock.BYTES);
    state = new HeaderLines(block, 0, StateSector.CHECKED_BYTES);
    description = new HeaderLines(block, StateSector.BYTES, HeaderBlock.BYTES);
    ByteBuffer bytes = ByteBuffer.wrap(recipe).order(ByteOrder.LITTLE_ENDIAN);
    bytes.get();
    leftAlone = bytes.hasRemaining() ? bytes.get() : 0;
    while (bytes.remaining() >= EDIT_BYTES && edits.size() < MOST_EDITS) {
      Part part = Part.values()[(bytes.get() & 0xff) % Part.values().length];
      edits.add(new Edit(part, bytes.get() & 0xff, bytes.getShort() & 0xffff, bytes.getLong()));
    }
  }

  /** The sample that a recipe begins with. */
  static Sample sample(List<Sample> samples, byte[] recipe) {
    return samples.get((recipe[0] & 0xff) % samples.size());
  }

  /** The sample as the recipe wants it; untouched if the recipe has no edits. */
  static ChangedStore forge(Sample sample, byte[] recipe) {
    ImageForge forge = new ImageForge(sample, recipe);
    if (!forge.edits.isEmpty()) {
      forge.run();
    }
    return forge.store;
  }

  /** A recipe with one edit. */
  static byte[] recipe(int sample, int leftAlone, Part part, int how, int at, long value) {
    return ByteBuffer.allocate(HEAD_BYTES + EDIT_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) sample)
        .put((byte) leftAlone)
        .put((byte) List.of(Part.values()).indexOf(part))
        .put((byte) how)
        .putShort((short) at)
        .putLong(value)
        .array();
  }

  private void run() {
    edits.forEach(this::change);
    if (isMended(Sum.CHUNKS)) {
      mendChunks();
    }
    if (isMended(Sum.SEGMENTS)) {
      sample.segments().reversed().forEach(this::mendLink);
    }
    mendDescription();
    byte[] block = new byte[HeaderBlock.BYTES];
    System.arraycopy(
        state.bytes(StateSector.CHECKED_BYTES), 0, block, 0, StateSector.CHECKED_BYTES);
    System.arraycopy(
        description.bytes(HeaderBlock.DESCRIPTION_BYTES),
        0,
        block,
        StateSector.BYTES,
        HeaderBlock.DESCRIPTION_BYTES);
    for (Edit edit : edits) {
      if (edit.part == Part.HEADER_BYTE) {
        block[edit.at % HeaderBlock.BYTES] = (byte) edit.value;
      }
    }
    if (isMended(Sum.DESCRIPTION)) {
      HeaderForge.vouchForDescription(block);
    }
    if (isMended(Sum.STATE)) {
      HeaderForge.vouchForState(block);
    }
    store.put(0, block);
    for (Edit edit : edits) {
      if (edit.part == Part.UNSEEN) {
        store.put(Long.remainderUnsigned(edit.value, sample.store().size()), (byte) edit.how);
      }
    }
  }

  private boolean isMended(Sum sum) {
    return (leftAlone & sum.bit) == 0;
  }

  private void change(Edit edit) {
    switch (edit.part) {
      case STATE_LINE -> state.change(edit.how, edit.at, edit.value);
      case DESCRIPTION_LINE -> description.change(edit.how, edit.at, edit.value);
      case INDEX_WORD -> changeWord(edit);
      case INDEX_ENTRY -> copyEntry(edit);
      case DATA -> changeData(edit);
      case DETAILS -> store.put(HeaderBlock.BYTES + edit.at % 512, (byte) edit.value);
      case STORE_SIZE ->
          store.setSize(
              Long.remainderUnsigned(edit.value, 2L * sample.store().size() / 4096) * 4096);
      case HEADER_BYTE, UNSEEN -> {}
    }
  }

  /** The segment that an edit means. */
  private StoredBytes segment(Edit edit) {
    return sample.segments().get((edit.how >> 4) % sample.segments().size());
  }

  private void changeWord(Edit edit) {
    if (sample.segments().isEmpty()) {
      return;
    }
    StoredBytes segment = segment(edit);
    long words = segment.length() / Long.BYTES;
    long at = segment.offset() + edit.at % words * Long.BYTES;
    store.putWord(
        at,
        switch (edit.how & 3) {
          case 0 -> edit.value;
          case 1 -> store.word(at) ^ edit.value;
          case 2 -> store.word(at) + edit.value;
          default ->
              store.word(segment.offset() + Long.remainderUnsigned(edit.value, words) * Long.BYTES);
        });
  }

  private void copyEntry(Edit edit) {
    if (sample.segments().isEmpty()) {
      return;
    }
    StoredBytes segment = segment(edit);
    int entries = IndexSegment.entries(segment);
    int from = (int) Long.remainderUnsigned(edit.value, entries);
    store.put(
        segment.offset() + IndexSegment.at(edit.at % entries),
        store.bytes(segment.offset() + IndexSegment.at(from), IndexEntry.BYTES));
  }

  private void changeData(Edit edit) {
    long start = sample.dataOffset();
    long bytes = sample.store().size() - start;
    if (bytes > Long.BYTES) {
      // Mostly in the first bytes, where the first chunk begins.
      long at = start + (edit.at | (long) (edit.how >> 2) << Short.SIZE) % (bytes - Long.BYTES);
      store.putWord(at, (edit.how & 1) == 0 ? edit.value : store.word(at) ^ edit.value);
    }
  }

  private void mendChunks() {
    for (StoredBytes segment : sample.segments()) {
      for (int entry = 0; entry < IndexSegment.entries(segment); entry++) {
        long at = segment.offset() + IndexSegment.at(entry);
        long lengthAndCodec = store.word(at + 48);
        long offset = store.word(at + 40);
        int length = (int) lengthAndCodec;
        if (lengthAndCodec >>> 32 != IndexEntry.ZERO && isInStore(offset, length)) {
          store.putWord(at + 56, store.xxh64(offset, length));
        }
      }
    }
  }

  /** Makes the checksum right that a segment has of the one before it. */
  private void mendLink(StoredBytes segment) {
    long offset = store.word(segment.offset());
    long length = store.word(segment.offset() + 8);
    if (length != 0 && isInStore(offset, length)) {
      store.putWord(segment.offset() + 16, store.xxh64(offset, (int) length));
    }
  }

  private void mendDescription() {
    if (isMended(Sum.INDEX)) {
      mend("index", description.words("index"));
    }
    if (isMended(Sum.DETAILS)) {
      String[] words = description.words("details");
      if (words.length == 2) {
        mend("details", new String[] {Integer.toString(HeaderBlock.BYTES), words[0], ""});
      }
    }
  }

  private void mend(String key, String[] words) {
    if (words.length != 3) {
      return;
    }
    try {
      long offset = Long.parseLong(words[0]);
      long length = Long.parseLong(words[1]);
      if (isInStore(offset, length) && length != 0) {
        description.putLastWord(key, StoredBytes.hex(store.xxh64(offset, (int) length)));
      }
    } catch (NumberFormatException e) {
      // The line is what is tried.
    }
  }

  private boolean isInStore(long offset, long length) {
    long end = sample.store().size();
    return offset >= 0 && offset <= end && length >= 0 && length <= end - offset;
  }
}
