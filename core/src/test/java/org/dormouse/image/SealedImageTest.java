package org.dormouse.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.dormouse.codec.Aead;
import org.dormouse.memory.PageRange;
import org.dormouse.seal.ImageKey;
import org.dormouse.seal.MachineKey;
import org.dormouse.seal.WakeKey;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sealed images: that they come back, that they tell nothing, and who has touched them. */
class SealedImageTest {
  private static final UUID OTHER = UUID.fromString("ffeeddcc-bbaa-9988-7766-554433221100");
  private static final int STORE_BYTES = 8 << 20;

  private WakeKey wake;
  private MachineKey machine;
  private ImageKey key;

  /** Where the stored bytes of a chunk are. */
  private record Chunk(long offset, int length) {}

  @BeforeEach
  void makeKeys() throws Exception {
    wake = WakeKey.random();
    machine = wake.machineKey(Optional.empty());
    key = ImageKey.random();
  }

  @AfterEach
  void wipeKeys() {
    wake.close();
    machine.close();
    key.close();
  }

  @Property(tries = 20)
  void whatWasSealedComesBack(
      @ForAll long seed,
      @ForAll Aead.Cipher cipher,
      @ForAll @IntRange(min = 1, max = 4) int workers,
      @ForAll PipelineSize.Compression compression)
      throws Exception {
    makeKeys();
    try (TestMachine memory =
            new TestMachine(
                List.of(new PageRange(3, 160), new PageRange(200, 900)),
                seed,
                TestMachine.Fill.values());
        MemoryStore store = new MemoryStore(STORE_BYTES)) {
      PipelineSize size = TestMachine.size(workers).withCompression(compression);
      memory.hibernateSealed(store, size, TestMachine.IMAGE, cipher, machine, key);
      try (ImageKey opened = open(store);
          TestMachine other = memory.nonsense()) {
        ImageReader reader = ImageReader.open(store, Optional.of(opened));
        assertThat(reader.details()).isEqualTo(TestMachine.DETAILS);
        reader.verify(size, new ImageProgress());
        reader.plan(memory.ram()).restore(other, size, new ImageProgress());
        for (long pfn = memory.inUse().next(0);
            pfn < memory.inUse().limit();
            pfn = memory.inUse().next(pfn + 1)) {
          assertThat(other.page(pfn).mismatch(memory.page(pfn))).isEqualTo(-1);
        }
      }
    } finally {
      wipeKeys();
    }
  }

  @Test
  void nothingOfTheMemoryIsInTheStore() throws Exception {
    try (TestMachine memory =
            new TestMachine(List.of(new PageRange(3, 160)), 7, TestMachine.Fill.TEXT);
        MemoryStore sealed = new MemoryStore(STORE_BYTES);
        MemoryStore plain = new MemoryStore(STORE_BYTES)) {
      PipelineSize size = TestMachine.size(2).withCompression(PipelineSize.Compression.NEVER);
      memory.hibernate(plain, size);
      memory.hibernateSealed(
          sealed, size, TestMachine.IMAGE, Aead.Cipher.AES_256_GCM, machine, key);
      byte[] keyBytes = key.bytes().toArray(ValueLayout.JAVA_BYTE);
      for (String secret :
          List.of("the dormouse said", "file_system=ext4", new String(keyBytes, ISO_8859_1))) {
        assertThat(text(sealed).contains(secret)).as(secret).isFalse();
      }
      assertThat(text(plain).contains("file_system=ext4")).isTrue();
      assertThat(text(plain).contains("the dormouse said")).isTrue();
    }
  }

  @Test
  void noNumberIsGivenTwice() throws Exception {
    try (TestMachine memory = TestMachine.incompressible();
        MemoryStore store =
            new MemoryStore(
                ImageWriter.worstCaseBytes(TestMachine.files(), memory.ramPages())
                    + ImageWriter.sealBytes(memory.ramPages()))) {
      memory.hibernateSealed(
          store, TestMachine.size(4), TestMachine.IMAGE, Aead.Cipher.AES_256_GCM, machine, key);
      Set<Long> numbers = new HashSet<>();
      List<Chunk> chunks = chunks(store, key);
      for (Chunk chunk : chunks) {
        byte[] number =
            Arrays.copyOfRange(
                store.contents(),
                (int) chunk.offset + chunk.length - 16,
                (int) chunk.offset + chunk.length - 8);
        numbers.add(new java.math.BigInteger(number).longValue());
      }
      assertThat(numbers).hasSameSizeAs(chunks).hasSizeGreaterThan(20);
    }
  }

  @Test
  void withoutTheKeyNothingIsRead() throws Exception {
    try (MemoryStore store = sealed(TestMachine.IMAGE, key)) {
      ReportException sealed =
          catchThrowableOfType(ReportException.class, () -> ImageReader.open(store));
      assertThat(sealed).isNotInstanceOf(ImageFormatException.class);
      assertThat(sealed.report().happened()).contains("is sealed");
      try (ImageKey other = ImageKey.random()) {
        assertDamage(store, other, Damage.FORGED);
      }
    }
  }

  /** Each byte of what is vouched for, one bit of it: nothing wakes, and it is said why. */
  @Test
  void everyBitCounts() throws Exception {
    try (MemoryStore store = sealed(TestMachine.IMAGE, key)) {
      ImageBody body = Image.header(store).body().orElseThrow();
      long index = body.lastIndexSegment().offset();
      for (long at = 0; at < body.lastIndexSegment().length(); at += 7) {
        assertFlipped(store, index + at, Damage.INDEX_DAMAGED);
      }
      for (long at = 0; at < body.details().length(); at++) {
        assertFlipped(store, ImageBody.DETAILS_OFFSET + at, Damage.DETAILS_DAMAGED);
      }
      for (Chunk chunk : chunks(store, key)) {
        assertFlipped(store, chunk.offset, Damage.CHUNK_DAMAGED);
        assertFlipped(store, chunk.offset + chunk.length - 17, Damage.CHUNK_DAMAGED);
        assertFlipped(store, chunk.offset + chunk.length - 16, Damage.REORDERED);
        assertFlipped(store, chunk.offset + chunk.length - 1, Damage.MIXED);
      }
      for (long at = 0; at < EnvelopeBlock.BYTES; at += 3) {
        assertFlipped(store, EnvelopeBlock.OFFSET + at, Damage.ENVELOPE_DAMAGED);
      }
      verify(store, key);
    }
  }

  /**
   * Who can write to the disk can make every checksum right, and the seal is broken all the same.
   */
  @Test
  void aDescriptionWithRightChecksumsThatWasChanged() throws Exception {
    for (String line :
        new String[] {
          "jump_back_entry=0x12346000",
          "command_line=init=/bin/sh",
          "pages_free=4711",
          "ram_pages=1",
          "seal=aes_256_gcm",
          "seal_index=" + "00".repeat(16),
          "seal_details=" + "00".repeat(16),
          "seal_check=" + "00".repeat(16)
        }) {
      try (MemoryStore store = sealed(TestMachine.IMAGE, key)) {
        String key1 = line.substring(0, line.indexOf('=') + 1);
        describe(store, text -> text.replaceAll("(?m)^" + key1 + ".*$", line.replace("$", "\\$")));
        assertDamage(store, key, Damage.FORGED);
      }
      try (MemoryStore store = sealed(TestMachine.IMAGE, key)) {
        describe(store, text -> text + line + "\n");
        assertDamage(store, key, Damage.FORGED);
      }
    }
  }

  @Test
  void piecesThatHaveChangedPlaces() throws Exception {
    try (TestMachine memory = TestMachine.incompressible();
        MemoryStore store = new MemoryStore(32 << 20)) {
      memory.hibernateSealed(
          store,
          TestMachine.size(1),
          TestMachine.IMAGE,
          Aead.Cipher.CHACHA20_POLY1305,
          machine,
          key);
      List<Chunk> chunks = chunks(store, key);
      Chunk one = chunks.get(5);
      Chunk other =
          chunks.stream()
              .filter(c -> c.length == one.length && !c.equals(one))
              .findFirst()
              .orElseThrow();
      byte[] contents = store.contents();
      copy(contents, other, store, one);
      copy(contents, one, store, other);
      assertDamage(store, key, Damage.REORDERED);
    }
  }

  @Test
  void aPieceOfAnotherImage() throws Exception {
    try (ImageKey otherKey = ImageKey.random();
        MemoryStore store = sealed(TestMachine.IMAGE, key);
        MemoryStore other = sealed(OTHER, otherKey)) {
      Chunk chunk = chunks(store, key).getFirst();
      copy(other.contents(), chunks(other, otherKey).getFirst(), store, chunk);
      assertDamage(store, key, Damage.MIXED);
    }
  }

  /** The older image is good by itself; but not one part of it is good in the newer one. */
  @Test
  void partsOfAnOlderImage() throws Exception {
    try (ImageKey olderKey = ImageKey.random();
        MemoryStore newer = sealed(TestMachine.IMAGE, key);
        MemoryStore older = sealed(OTHER, olderKey)) {
      byte[] old = older.contents();
      verify(older, olderKey);
      try (MemoryStore store = newer.copy()) {
        put(store, old, 512, 4096 - 512);
        // Also the state sector's checksum of it.
        describe(store, text -> text);
        assertDamage(store, key, Damage.FORGED);
      }
      try (MemoryStore store = newer.copy()) {
        put(store, old, 0, 4096);
        assertThatThrownBy(() -> open(store)).isInstanceOf(ImageFormatException.class);
        put(store, old, (int) EnvelopeBlock.OFFSET, EnvelopeBlock.BYTES);
        try (ImageKey opened = open(store)) {
          ImageReader reader = ImageReader.open(store, Optional.of(opened));
          assertThatThrownBy(reader::details)
              .isInstanceOfSatisfying(
                  ImageFormatException.class,
                  e -> assertThat(e.damage()).isEqualTo(Damage.DETAILS_DAMAGED));
        }
      }
    }
  }

  @Test
  void anImageThatIsCutShort() throws Exception {
    try (MemoryStore store = sealed(TestMachine.IMAGE, key);
        MemoryStore cut =
            store.truncated(Image.header(store).body().orElseThrow().lastIndexSegment().offset())) {
      assertDamage(cut, key, Damage.TRUNCATED);
    }
  }

  /** Whoever puts a used image's state back has no key any more, and never gets one. */
  @Test
  void aUsedImageThatIsPutBack() throws Exception {
    for (boolean used : new boolean[] {true, false}) {
      try (MemoryStore store = sealed(TestMachine.IMAGE, key)) {
        byte[] header = Arrays.copyOf(store.contents(), 4096);
        if (used) {
          Image.markConsumed(store, TestMachine.IMAGE);
        } else {
          Image.discard(store, "no more");
        }
        put(store, header, 0, 4096);
        assertThat(Image.header(store).state()).isEqualTo(ImageState.COMPLETE);
        assertThatThrownBy(() -> open(store))
            .isInstanceOfSatisfying(
                ImageFormatException.class,
                e -> assertThat(e.damage()).isEqualTo(Damage.KEY_ERASED))
            .hasMessageContaining("was used before, and its key is erased");
      }
    }
  }

  /** The next image, sealed or not, leaves no key of the one before. */
  @Test
  void anEnvelopeDoesNotOutliveItsImage() throws Exception {
    try (MemoryStore store = sealed(TestMachine.IMAGE, key);
        TestMachine memory = TestMachine.mixed()) {
      String wrapped = Image.envelope(store, Image.header(store).seal().orElseThrow()).wrapped();
      assertThat(text(store)).contains(wrapped);
      memory.hibernate(store, TestMachine.size(1));
      assertThat(text(store)).doesNotContain(wrapped);
      assertThat(Image.header(store).seal()).isEmpty();
      ImageReader.open(store).verify(TestMachine.size(1), new ImageProgress());
    }
  }

  @Test
  void aStoreThatWasClaimedWithAKeyIsNotWrittenWithout() throws Exception {
    try (MemoryStore store = new MemoryStore(STORE_BYTES)) {
      SaverFiles files =
          SaverFiles.install(
              store, TestMachine.kernel(), TestMachine.initramfs(), Optional.empty());
      try (TestMachine memory = TestMachine.mixed()) {
        ImageHeader claimed =
            Image.claim(
                store,
                TestMachine.IMAGE,
                memory.description(files),
                Optional.of(
                    new Image.Sealing(
                        Aead.Cipher.AES_256_GCM, machine.seal(TestMachine.IMAGE, key))));
        assertThatThrownBy(
                () -> ImageWriter.begin(store, claimed, TestMachine.size(1), new ImageProgress()))
            .hasMessageContaining("its key is missing");
        ImageHeader unsealed = Image.claim(store, TestMachine.IMAGE, memory.description(files));
        assertThatThrownBy(
                () ->
                    ImageWriter.begin(
                        store,
                        unsealed,
                        Optional.of(key),
                        TestMachine.size(1),
                        new ImageProgress()))
            .hasMessageContaining("not sealed");
      }
    }
  }

  @Test
  void segmentsOfAnIndexAreAChain() throws Exception {
    try (Arena arena = Arena.ofShared()) {
      ImageSeal seal = new ImageSeal(Aead.Cipher.AES_256_GCM, key, TestMachine.IMAGE);
      MemorySegment[] segments = new MemorySegment[3];
      String last;
      try (IndexGuard.Sealed writing =
          (IndexGuard.Sealed) ImageSeal.index(Optional.of(seal), SealLines.Tags.NO_INDEX)) {
        for (int i = 0; i < segments.length; i++) {
          segments[i] = arena.allocate(128 + PieceCipher.EXTRA_BYTES, Long.BYTES);
          IndexSegment.putBefore(segments[i], StoredBytes.none());
          writing.guard(segments[i], 128);
        }
        last = writing.tag();
      }
      for (int[] order : new int[][] {{2, 1, 0}, {1, 2, 0}, {2, 0, 1}, {2, 2, 1}}) {
        try (IndexGuard reading = ImageSeal.index(Optional.of(seal), last)) {
          List<PieceCipher.Verdict> verdicts = new ArrayList<>();
          for (int number : order) {
            MemorySegment copy = arena.allocate(segments[number].byteSize(), Long.BYTES);
            verdicts.add(reading.check(copy.copyFrom(segments[number])));
          }
          boolean good = Arrays.equals(order, new int[] {2, 1, 0});
          assertThat(verdicts.stream().allMatch(v -> v == PieceCipher.Verdict.GOOD))
              .as(Arrays.toString(order))
              .isEqualTo(good);
        }
      }
    }
  }

  private MemoryStore sealed(UUID image, ImageKey imageKey) throws Exception {
    MemoryStore store = new MemoryStore(STORE_BYTES);
    try (TestMachine memory = TestMachine.mixed()) {
      memory.hibernateSealed(
          store, TestMachine.size(2), image, Aead.Cipher.CHACHA20_POLY1305, machine, imageKey);
    }
    return store;
  }

  /** What the machine does at a wake. */
  private ImageKey open(MemoryStore store) throws IOException {
    ImageHeader header = Image.header(store);
    return wake.open(Image.envelope(store, header.seal().orElseThrow()), header.image())
        .orElseThrow(() -> new ImageFormatException(Damage.FORGED, "it does not open"));
  }

  private static void verify(MemoryStore store, ImageKey imageKey) throws Exception {
    ImageReader.open(store, Optional.of(imageKey)).verify(TestMachine.size(1), new ImageProgress());
  }

  private static void assertDamage(MemoryStore store, ImageKey imageKey, Damage damage) {
    assertThatThrownBy(() -> verify(store, imageKey))
        .as(() -> text(store).substring(512, 4096).strip())
        .isInstanceOfSatisfying(
            ImageFormatException.class, e -> assertThat(e.damage()).isEqualTo(damage));
  }

  private void assertFlipped(MemoryStore store, long at, Damage damage) {
    store.flip(at, 3);
    assertThatThrownBy(
            () -> {
              open(store).close();
              verify(store, key);
            })
        .as("byte %d", at)
        .isInstanceOfSatisfying(
            ImageFormatException.class, e -> assertThat(e.damage()).isEqualTo(damage));
    store.flip(at, 3);
  }

  private static List<Chunk> chunks(MemoryStore store, ImageKey imageKey) throws Exception {
    ImageHeader header = Image.header(store);
    ImageSeal seal = new ImageSeal(header.seal().orElseThrow().cipher(), imageKey, header.image());
    List<Chunk> chunks = new ArrayList<>();
    try (Arena arena = Arena.ofConfined();
        IndexGuard guard =
            ImageSeal.index(Optional.of(seal), header.seal().get().tags().orElseThrow().index())) {
      IndexReader index =
          new IndexReader(
              arena,
              store,
              header.body().orElseThrow(),
              header.description().orElseThrow().dataOffset(),
              guard);
      while (index.advance()) {
        for (int i = 0; i < index.count(); i++) {
          int at = IndexReader.at(i);
          if (IndexEntry.codec(index.table(), at) != IndexEntry.ZERO) {
            chunks.add(
                new Chunk(
                    IndexEntry.offset(index.table(), at), IndexEntry.length(index.table(), at)));
          }
        }
      }
    }
    return chunks;
  }

  private static void copy(byte[] from, Chunk source, MemoryStore store, Chunk target) {
    int length = Math.min(source.length, target.length);
    // Its end, with tag, number and image, is what counts.
    byte[] bytes =
        Arrays.copyOfRange(
            from,
            (int) source.offset + source.length - length,
            (int) source.offset + source.length);
    for (int i = 0; i < length; i++) {
      store.poke(target.offset + target.length - length + i, bytes[i]);
    }
  }

  private static void put(MemoryStore store, byte[] from, int offset, int length) {
    for (int i = 0; i < length; i++) {
      store.poke(offset + i, from[offset + i]);
    }
  }

  /** Changes the description, and makes the state vouch for it. */
  private static void describe(MemoryStore store, java.util.function.UnaryOperator<String> change)
      throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      HeaderBlock block = HeaderBlock.read(arena, store);
      StateSector state = block.state();
      String before =
          new String(Arrays.copyOfRange(store.contents(), 512, 4096), ISO_8859_1).stripTrailing()
              + "\n";
      byte[] after = change.apply(before).getBytes(ISO_8859_1);
      for (int i = 512; i < 4096; i++) {
        store.poke(i, i - 512 < after.length ? after[i - 512] : (byte) '\n');
      }
      MemorySegment description = arena.allocate(4096 - 512);
      description.copyFrom(MemorySegment.ofArray(Arrays.copyOfRange(store.contents(), 512, 4096)));
      HeaderBlock changed = HeaderBlock.read(arena, store);
      changed.putState(state.withDescriptionChecksum(org.dormouse.codec.Xxh64.of(description)));
      changed.writeDurably(store);
    }
  }

  private static String text(MemoryStore store) {
    return new String(store.contents(), ISO_8859_1);
  }
}
