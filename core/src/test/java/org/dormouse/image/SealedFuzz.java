package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.dormouse.codec.Aead;
import org.dormouse.codec.Codec;
import org.dormouse.fuzz.Bounds;
import org.dormouse.seal.ImageKey;
import org.dormouse.seal.MachineKey;
import org.dormouse.seal.Passphrase;
import org.dormouse.seal.WakeKey;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sealed images that somebody has changed who has no key, but has an older image of the same
 * machine and one of another, and makes every checksum right. Whatever wakes is one of the
 * machine's own images, every page of it.
 *
 * <p>An input is the number of a sample, a bit for each checksum that is left as it is, then edits
 * of {@link #EDIT_BYTES}: what, how, where (2 bytes), a value (8 bytes), little-endian. The keys
 * are others each time.
 */
class SealedFuzz {
  private static final int EDIT_BYTES = 12;
  private static final int MOST_EDITS = 8;
  private static final PipelineSize SMALL =
      new PipelineSize(1, 2, 2 << 20, PipelineSize.Compression.ALWAYS, new Codec.OfLz4(1));
  private static final RestoreTarget TARGET =
      new RestoreTarget(Arena.global(), Corpus.RAM, Corpus.FORBIDDEN);

  private static final Owner OWNER = Owner.random();
  private static final Owner STRANGER = Owner.random();
  private static final List<Sealed> SEALED =
      List.of(
          Sealed.by(OWNER, new UUID(1, 1), Aead.Cipher.AES_256_GCM, 7),
          Sealed.by(OWNER, new UUID(2, 2), Aead.Cipher.CHACHA20_POLY1305, 8),
          Sealed.by(OWNER, new UUID(3, 3), Aead.Cipher.CHACHA20_POLY1305, 7),
          Sealed.by(STRANGER, new UUID(1, 1), Aead.Cipher.AES_256_GCM, 7));

  /** What an edit changes. */
  private enum Part {
    STATE_LINE,
    DESCRIPTION_LINE,
    /** A byte of a piece. */
    BYTE,
    /** A piece has the bytes of another one, of this image or another. */
    PIECE,
    /** A block of the store has those of another image. */
    BLOCK,
    STORE_SIZE
  }

  /** The checksums, each with the bit that leaves it as it is. */
  private enum Sum {
    INDEX,
    DETAILS,
    ENVELOPE,
    DESCRIPTION,
    STATE
  }

  /** Where the bytes of a piece are. */
  private record Piece(long offset, int length) {}

  /** Who has a key. */
  private record Owner(WakeKey wake, MachineKey machine) {
    static Owner random() {
      try (Passphrase none = Passphrase.empty()) {
        WakeKey wake = WakeKey.random();
        return new Owner(wake, wake.machineKey(Optional.of(none)));
      } catch (IOException e) {
        throw new IllegalStateException("no key can be made", e);
      }
    }
  }

  /** A sealed image, the memory that is in it, and where its pieces are. */
  private record Sealed(UUID image, TestMachine memory, ChangedStore store, List<Piece> pieces) {
    static Sealed by(Owner owner, UUID image, Aead.Cipher cipher, long seed) {
      TestMachine memory = new TestMachine(Corpus.RAM, seed, TestMachine.Fill.values());
      try (MemoryStore store = new MemoryStore(8 << 20);
          ImageKey key = ImageKey.random()) {
        ImageHeader header =
            memory.hibernateSealed(store, SMALL, image, cipher, owner.machine, key);
        long end = header.body().orElseThrow().blocksEnd(TestMachine.files().dataOffset());
        byte[] bytes = Arrays.copyOf(store.contents(), (int) end);
        return new Sealed(
            image, memory, new ChangedStore(bytes, end), pieces(store, header, cipher, key));
      } catch (IOException e) {
        throw new IllegalStateException("the image cannot be made", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("the image was not made", e);
      }
    }

    private static List<Piece> pieces(
        MemoryStore store, ImageHeader header, Aead.Cipher cipher, ImageKey key)
        throws IOException {
      ImageBody body = header.body().orElseThrow();
      List<Piece> pieces = new ArrayList<>();
      pieces.add(new Piece(EnvelopeBlock.OFFSET, EnvelopeBlock.BYTES));
      pieces.add(piece(body.details()));
      ImageSeal seal = new ImageSeal(cipher, key, header.image());
      String tag = header.seal().orElseThrow().tags().orElseThrow().index();
      try (Arena arena = Arena.ofConfined();
          IndexGuard guard = ImageSeal.index(Optional.of(seal), tag)) {
        long data = TestMachine.files().dataOffset();
        IndexReader index = new IndexReader(arena, store, body, data, guard);
        for (StoredBytes next = index.before(); index.advance(); next = index.before()) {
          pieces.add(piece(next));
          for (int entry = 0; entry < index.count(); entry++) {
            int at = IndexReader.at(entry);
            if (IndexEntry.codec(index.table(), at) != IndexEntry.ZERO) {
              pieces.add(
                  new Piece(
                      IndexEntry.offset(index.table(), at), IndexEntry.length(index.table(), at)));
            }
          }
        }
      }
      return List.copyOf(pieces);
    }

    private static Piece piece(StoredBytes bytes) {
      return new Piece(bytes.offset(), (int) bytes.length());
    }

    Piece piece(long number) {
      return pieces.get((int) Long.remainderUnsigned(number, pieces.size()));
    }
  }

  static Stream<Arguments> recipes() {
    List<byte[]> recipes = new ArrayList<>();
    for (int sample = 0; sample < SEALED.size(); sample++) {
      recipes.add(new byte[] {(byte) sample, 0});
    }
    for (int part = 0; part < Part.values().length; part++) {
      for (int how = 0; how < 12; how++) {
        recipes.add(
            ByteBuffer.allocate(2 + EDIT_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) (how % 3))
                .put((byte) (how % 4 == 3 ? 1 << how % 5 : 0))
                .put((byte) part)
                .put((byte) how)
                .putShort((short) how)
                .putLong(how * 0x101L)
                .array());
      }
    }
    return recipes.stream().map(Arguments::of);
  }

  @MethodSource("recipes")
  @FuzzTest
  void whoHasNoKeyChangesNothingThatWakes(byte[] recipe) throws InterruptedException {
    if (recipe.length < 2) {
      return;
    }
    ChangedStore store = forge(recipe);
    Bounds.hold(() -> ImageReader.inspect(store).verify(SMALL, new ImageProgress()));
    Optional<IOException> unsound = Bounds.hold(() -> verify(store));
    Optional<IOException> refusal = Bounds.hold(() -> restore(store));
    if (unsound.isEmpty()) {
      assertThat(refusal).isEmpty();
    }
    if (refusal.isEmpty()) {
      assertThat(unsound.map(SealedFuzz::damage).filter(d -> d != Damage.DETAILS_DAMAGED))
          .isEmpty();
    }
  }

  private static Damage damage(IOException e) {
    return switch (e) {
      case ImageFormatException damaged -> damaged.damage();
      default -> throw new AssertionError("the store did not fail", e);
    };
  }

  /** What the machine does at a wake. */
  private static Optional<ImageKey> open(ChangedStore store) throws IOException {
    ImageHeader header = Image.header(store);
    if (header.seal().isEmpty()) {
      return Optional.empty();
    }
    var envelope = Image.envelope(store, header.seal().get());
    if (!OWNER.wake.fits(envelope)) {
      throw new ImageFormatException(Damage.FORGED, "it is for somebody else");
    }
    Optional<ImageKey> key = OWNER.wake.open(envelope, header.image());
    if (key.isEmpty()) {
      throw Image.forged("its envelope does not open");
    }
    return key;
  }

  private static void verify(ChangedStore store) throws IOException, InterruptedException {
    Optional<ImageKey> key = open(store);
    try {
      ImageReader.open(store, key).verify(SMALL, new ImageProgress());
    } finally {
      key.ifPresent(ImageKey::close);
    }
  }

  private static void restore(ChangedStore store) throws IOException, InterruptedException {
    TARGET.reset();
    Optional<ImageKey> key = open(store);
    try {
      ImageReader reader = ImageReader.open(store, key);
      ImageReader.Plan plan = reader.plan(TARGET.permitted());
      assertThat(TARGET.leasedPages()).isZero();
      plan.restore(TARGET, SMALL, new ImageProgress());
      if (key.isPresent()) {
        assertIsOneOfOurs(reader);
      }
    } finally {
      key.ifPresent(ImageKey::close);
    }
  }

  private static void assertIsOneOfOurs(ImageReader reader) throws IOException {
    Sealed sealed =
        SEALED.stream()
            .filter(one -> one.image.equals(reader.header().image()))
            .findFirst()
            .orElseThrow(() -> new AssertionError("an image that nobody has made"));
    TestMachine memory = sealed.memory;
    assertThat(reader.wake().jumpBackEntry()).isEqualTo(TestMachine.JUMP_BACK_ENTRY);
    assertThat(reader.description())
        .isEqualTo(
            memory.description(TestMachine.files()).withJumpBackEntry(TestMachine.JUMP_BACK_ENTRY));
    for (long pfn = memory.inUse().next(0);
        pfn < memory.inUse().limit();
        pfn = memory.inUse().next(pfn + 1)) {
      assertThat(TARGET.page(pfn).mismatch(memory.page(pfn))).isEqualTo(-1);
    }
  }

  private static ChangedStore forge(byte[] recipe) {
    ByteBuffer bytes = ByteBuffer.wrap(recipe).order(ByteOrder.LITTLE_ENDIAN);
    Sealed sample = SEALED.get((bytes.get() & 0xff) % SEALED.size());
    int leftAlone = bytes.get();
    ChangedStore store = sample.store.unchanged();
    if (bytes.remaining() < EDIT_BYTES) {
      return store;
    }
    byte[] edits = Arrays.copyOfRange(recipe, 2, recipe.length);
    for (ByteBuffer edit : edits(edits)) {
      changeBytes(sample, store, edit.rewind());
    }
    byte[] block = store.bytes(0, HeaderBlock.BYTES);
    HeaderLines state = new HeaderLines(block, 0, StateSector.CHECKED_BYTES);
    HeaderLines description = new HeaderLines(block, StateSector.BYTES, HeaderBlock.BYTES);
    for (ByteBuffer edit : edits(edits)) {
      changeLines(state, description, edit.rewind());
    }
    mend(sample, store, description, leftAlone);
    putHeader(store, state, description, leftAlone);
    return store;
  }

  private static List<ByteBuffer> edits(byte[] bytes) {
    List<ByteBuffer> edits = new ArrayList<>();
    for (int at = 0; at + EDIT_BYTES <= bytes.length && edits.size() < MOST_EDITS; ) {
      edits.add(
          ByteBuffer.wrap(Arrays.copyOfRange(bytes, at, at + EDIT_BYTES))
              .order(ByteOrder.LITTLE_ENDIAN));
      at += EDIT_BYTES;
    }
    return edits;
  }

  private static Part part(ByteBuffer edit) {
    return Part.values()[(edit.get() & 0xff) % Part.values().length];
  }

  private static void changeBytes(Sealed sample, ChangedStore store, ByteBuffer edit) {
    Part part = part(edit);
    int how = edit.get() & 0xff;
    int at = edit.getShort() & 0xffff;
    long value = edit.getLong();
    Sealed other = SEALED.get(how % SEALED.size());
    switch (part) {
      case BYTE -> {
        Piece piece = sample.piece(at);
        long offset = piece.offset + Long.remainderUnsigned(value, piece.length);
        store.put(offset, (byte) (store.at(offset) ^ how));
      }
      case PIECE -> {
        Piece from = other.piece(value);
        Piece to = sample.piece(at);
        // Those of another length end together: number and image of a piece are at its end.
        int length = Math.min(from.length, to.length);
        store.put(
            to.offset + to.length - length,
            other.store.bytes(from.offset + from.length - length, length));
      }
      case BLOCK -> {
        long block = value == 0 ? 0 : at % (sample.store.size() / 4096);
        store.put(block * 4096, other.store.bytes(block * 4096, 4096));
      }
      case STORE_SIZE ->
          store.setSize(Long.remainderUnsigned(value, 2 * sample.store.size() / 4096) * 4096);
      case STATE_LINE, DESCRIPTION_LINE -> {}
    }
  }

  private static void changeLines(HeaderLines state, HeaderLines description, ByteBuffer edit) {
    Part part = part(edit);
    int how = edit.get() & 0xff;
    int at = edit.getShort() & 0xffff;
    switch (part) {
      case STATE_LINE -> state.change(how, at, edit.getLong());
      case DESCRIPTION_LINE -> description.change(how, at, edit.getLong());
      case BYTE, PIECE, BLOCK, STORE_SIZE -> {}
    }
  }

  private static boolean isMended(Sum sum, int leftAlone) {
    return (leftAlone & 1 << List.of(Sum.values()).indexOf(sum)) == 0;
  }

  /** Whoever has no key can make these right, though not the seal of the description. */
  private static void mend(
      Sealed sample, ChangedStore store, HeaderLines description, int leftAlone) {
    if (isMended(Sum.ENVELOPE, leftAlone)) {
      description.putLastWord("seal_envelope", hex(store, sample.pieces.get(0)));
    }
    if (isMended(Sum.DETAILS, leftAlone)) {
      description.putLastWord("details", hex(store, sample.pieces.get(1)));
    }
    if (isMended(Sum.INDEX, leftAlone)) {
      description.putLastWord("index", hex(store, sample.pieces.get(2)));
    }
  }

  private static String hex(ChangedStore store, Piece piece) {
    return StoredBytes.hex(store.xxh64(piece.offset, piece.length));
  }

  private static void putHeader(
      ChangedStore store, HeaderLines state, HeaderLines description, int leftAlone) {
    byte[] block = Arrays.copyOf(state.bytes(StateSector.CHECKED_BYTES), HeaderBlock.BYTES);
    System.arraycopy(
        store.bytes(StateSector.CHECKED_BYTES, StateSector.BYTES - StateSector.CHECKED_BYTES),
        0,
        block,
        StateSector.CHECKED_BYTES,
        StateSector.BYTES - StateSector.CHECKED_BYTES);
    System.arraycopy(
        description.bytes(HeaderBlock.DESCRIPTION_BYTES),
        0,
        block,
        StateSector.BYTES,
        HeaderBlock.DESCRIPTION_BYTES);
    if (isMended(Sum.DESCRIPTION, leftAlone)) {
      HeaderForge.vouchForDescription(block);
    }
    if (isMended(Sum.STATE, leftAlone)) {
      HeaderForge.vouchForState(block);
    }
    store.put(0, block);
  }
}
