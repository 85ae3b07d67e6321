package org.dormouse.training;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.dormouse.boot.PagingMode;
import org.dormouse.codec.Aead;
import org.dormouse.image.Image;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageReader;
import org.dormouse.image.ImageWriter;
import org.dormouse.image.PipelineSize;
import org.dormouse.image.SaverFiles;
import org.dormouse.image.WakeDescription;
import org.dormouse.kernels.KernelList;
import org.dormouse.kexec.JumpBack;
import org.dormouse.kexec.KexecPlanException;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.EfiRuntimeMap;
import org.dormouse.linux.FirmwareMemoryMap;
import org.dormouse.linux.IoMemory;
import org.dormouse.linux.KexecLoadCounter;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Processor;
import org.dormouse.linux.Watchdog;
import org.dormouse.machine.DiskFacts;
import org.dormouse.machine.DiskUses;
import org.dormouse.machine.Disks;
import org.dormouse.machine.DisksInUse;
import org.dormouse.machine.MachineFacts;
import org.dormouse.machine.Readiness;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.mailbox.MailboxRequest;
import org.dormouse.mailbox.MailboxStatus;
import org.dormouse.memory.Frames;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.KernelTable;
import org.dormouse.protocol.Original;
import org.dormouse.protocol.SaverAnswer;
import org.dormouse.protocol.SaverTask;
import org.dormouse.protocol.WakeConditions;
import org.dormouse.saver.Stores;
import org.dormouse.seal.ImageKey;
import org.dormouse.seal.MachineKey;
import org.dormouse.seal.WakeKey;
import org.dormouse.sleep.SaverState;
import org.dormouse.store.BlockStore;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.vmcore.FrameWindows;

/**
 * What a build has the Java run-time practise, so that it is quick where it counts: a sleep and a
 * wake without a jump, in which a small piece of this process's memory goes into a store and out
 * again; looks at the machine, as far as it lets itself be looked at; and all of Dormouse's
 * classes, whether the practice has reached them or not.
 */
public final class Training {
  private static final String OWN_CLASSES = "org/dormouse/";
  private static final String CLASS = ".class";

  /** What the store holds, in bytes. */
  private static final long STORE_BYTES = 16L << 20;

  private static final long PAGES = 1024;
  private static final long FIRST = Frames.WINDOW_PAGES;
  private static final PageRange MEMORY = new PageRange(FIRST, FIRST + PAGES);
  private static final int FILE_BYTES = 4096;
  private static final int EVERY = 3;

  private Training() {}

  /** A look at the machine. */
  @FunctionalInterface
  private interface Look {
    Object at() throws IOException;
  }

  /**
   * Runs once.
   *
   * @param folder of a disk: the store is a file there
   * @param journal is told how it goes
   * @throws IOException if the file cannot be written, or what came out is not what went in
   */
  public static void run(Path folder, Journal journal) throws IOException, InterruptedException {
    journal.stage("train");
    Path file = Files.createTempFile(folder, "training", ".image");
    try (Arena arena = Arena.ofShared()) {
      try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
        channel.position(STORE_BYTES - 1);
        channel.write(ByteBuffer.allocate(1));
      }
      try (BlockStore store = BlockStore.forWriting(file)) {
        roundTrip(store, arena, journal, Optional.empty());
        sealedRoundTrip(store, arena, journal);
      }
    } finally {
      Files.delete(file);
    }
    lookAround(journal);
    loadClasses(journal);
  }

  /** A machine that builds need be no machine that can sleep: what it does not show is left out. */
  private static void lookAround(Journal journal) {
    look(journal, CommandLine::running);
    look(journal, Processor::read);
    look(journal, MemoryInfo::read);
    look(journal, IoMemory::read);
    look(journal, FirmwareMemoryMap::read);
    look(journal, EfiRuntimeMap::read);
    look(journal, BlockDevice::all);
    look(journal, Watchdog::all);
    look(journal, SaverState::observe);
    look(journal, KexecLoadCounter::read);
    look(journal, KernelList::observe);
    look(journal, () -> KernelTable.of(kernels().lines()));
    look(journal, () -> DiskUses.find(DiskFacts.observe(), Disks.real()));
    look(
        journal,
        () -> {
          MachineFacts machine = MachineFacts.observe(MachineFacts.LoadedImage.ANOTHER);
          KeyValues conditions = WakeConditions.ofOriginal(machine);
          WakeConditions.check(WakeConditions.observe(conditions));
          return Readiness.of(machine);
        });
    look(
        journal,
        () -> Stores.find(store -> Image.header(store).attempts() < 0, OptionalLong.empty()));
    look(
        journal,
        () -> {
          PageRange room = new PageRange(FIRST, FIRST + JumpBack.pages(PagingMode.FIVE_LEVEL));
          try {
            return new JumpBack(1L << 24, PagingMode.FIVE_LEVEL).withReentry(room);
          } catch (KexecPlanException e) {
            throw new IOException(e);
          }
        });
  }

  /** A table of kernels that take turns. */
  private static KernelTable kernels() throws IOException {
    KernelTable.Member other =
        new KernelTable.Member(
            "b",
            KernelTable.State.COLD,
            MEMORY.startAddress(),
            MEMORY.startAddress(),
            MEMORY,
            0,
            List.of());
    return KernelTable.loaded(Pages.SIZE, KexecLoadCounter.read(), List.of(other), 0)
        .leave(other.name(), 0, DisksInUse.of(DiskFacts.observe()), 0);
  }

  private static void look(Journal journal, Look look) {
    try {
      look.at();
    } catch (IOException | IllegalArgumentException e) {
      journal.say("not seen here: " + e.getMessage());
    }
  }

  /**
   * Loads the classes of the jars that this process runs from, so that they come into the cache.
   */
  private static void loadClasses(Journal journal) throws IOException {
    long loaded = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (entry.endsWith(".jar")) {
        try (JarFile jar = new JarFile(entry)) {
          for (String name : classNames(jar)) {
            try {
              Class.forName(name, false, Training.class.getClassLoader());
              loaded++;
            } catch (ClassNotFoundException | LinkageError e) {
              journal.say("not loaded: " + name);
            }
          }
        }
      }
    }
    journal.fact("classes_loaded", loaded);
  }

  private static List<String> classNames(JarFile jar) {
    return jar.stream()
        .map(JarEntry::getName)
        .filter(name -> name.startsWith(OWN_CLASSES) && name.endsWith(CLASS))
        .filter(name -> !name.endsWith("-info" + CLASS))
        .map(name -> name.substring(0, name.length() - CLASS.length()).replace('/', '.'))
        .toList();
  }

  /**
   * Sleeps and wakes.
   *
   * @param arena a shared one, owns the memory
   * @throws IOException if the store fails, or what came out is not what went in
   */
  private static void roundTrip(
      Store store, Arena arena, Journal journal, Optional<MachineKey> machine)
      throws IOException, InterruptedException {
    MemorySegment memory = arena.allocate(MEMORY.bytes(), Pages.SIZE);
    for (long page = 0; page < PAGES; page += EVERY) {
      memory.set(ValueLayout.JAVA_LONG, Pages.address(page), page + 1);
    }
    KeyValues details = talk(arena);
    UUID image = UUID.randomUUID();
    Optional<ImageKey> key =
        machine.isPresent() ? Optional.of(ImageKey.random()) : Optional.empty();
    Optional<Image.Sealing> sealing =
        key.isPresent()
            ? Optional.of(new Image.Sealing(Aead.faster(), machine.get().seal(image, key.get())))
            : Optional.empty();
    claim(store, image, arena, sealing);
    PipelineSize size = PipelineSize.of(Processor.read().online());
    try (FrameWindows frames = FrameWindows.over(List.of(MEMORY), 1, over(memory))) {
      PageSet pages = PageSet.of(arena, MEMORY.end(), List.of(MEMORY));
      try (ImageWriter writer =
          ImageWriter.begin(store, Image.header(store), key, size, new ImageProgress())) {
        writer.save(frames, pages);
        ImageHeader header = writer.finish(Pages.address(FIRST), 0, details.toString());
        journal.fact("pages_saved", header.body().orElseThrow().savedPages());
      }
      memory.fill((byte) -1);
      Image.countAttempt(store, image);
      ImageReader reader = ImageReader.open(store, key);
      KeyValues.parse(reader.details());
      reader.plan(pages).restore(frames, size, new ImageProgress());
      Image.markConsumed(store, image);
    }
    key.ifPresent(ImageKey::close);
    check(memory);
  }

  /**
   * The same, sealed. Without a passphrase: what that takes is loaded at such a wake alone, and
   * would take room in every saver.
   */
  private static void sealedRoundTrip(Store store, Arena arena, Journal journal)
      throws IOException, InterruptedException {
    try (WakeKey wake = WakeKey.random();
        MachineKey machine = wake.machineKey(Optional.empty())) {
      roundTrip(store, arena, journal, Optional.of(machine));
    }
  }

  private static void check(MemorySegment memory) throws IOException {
    for (long page = 0; page < PAGES; page++) {
      long wanted = page % EVERY == 0 ? page + 1 : 0;
      if (memory.get(ValueLayout.JAVA_LONG, Pages.address(page)) != wanted) {
        throw new IOException("page " + page + " came back with another content");
      }
    }
  }

  private static void claim(Store store, UUID image, Arena arena, Optional<Image.Sealing> sealing)
      throws IOException {
    MemorySegment file = arena.allocate(FILE_BYTES, Pages.SIZE);
    SaverFiles.Contents contents = SaverFiles.Contents.of(file);
    SaverFiles files = SaverFiles.install(store, contents, contents, Optional.empty());
    Image.claim(
        store,
        image,
        new ImageDescription(
            Instant.now(),
            "6.12",
            "",
            PAGES,
            store.name(),
            Optional.of(
                new WakeDescription(
                    new PageRange(FIRST + PAGES, FIRST + 2 * PAGES),
                    SaverLayout.LOW_MEMORY,
                    4,
                    0,
                    files,
                    "quiet"))),
        sealing);
  }

  /** A request and its answer, as lines of an image. */
  private static KeyValues talk(Arena arena) throws IOException {
    PageRange region = new PageRange(FIRST, FIRST + PAGES);
    MemoryMap map =
        new MemoryMap(
            List.of(
                new MemoryMap.Region(
                    region.startAddress(), region.endAddress(), MemoryMap.Kind.RAM)));
    Original original = new Original(map, region, 0, 0, PagingMode.FOUR_LEVEL, FreePagePolicy.ANY);
    Mailbox mailbox = Mailbox.in(arena.allocate(Mailbox.BYTES, Pages.SIZE));
    KeyValues lines = new SaverTask.Return().lines().withAll(original.lines());
    mailbox.put(new MailboxRequest(1, lines), new long[Mailbox.PAGES]);
    MailboxRequest request = mailbox.request().orElseThrow();
    SaverTask.of(request.lines());
    mailbox.answer(
        new MailboxAnswer(
            request.sequence(),
            MailboxStatus.DONE,
            0,
            SaverAnswer.withWarm(KeyValues.empty(), true)));
    return Original.of(request.lines()).lines().withAll(mailbox.answer().lines());
  }

  private static FrameWindows.Mapper over(MemorySegment memory) {
    return (frames, _) -> memory.asSlice(Pages.address(frames.start() - FIRST), frames.bytes());
  }
}
