package org.dormouse.saver;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.OptionalLong;
import org.dormouse.linux.PhysicalMemory;
import org.dormouse.mailbox.LentPages;
import org.dormouse.mailbox.MailboxRequest;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.Original;
import org.dormouse.protocol.Place;
import org.dormouse.protocol.SaverTask;
import org.dormouse.protocol.SaverTask.Snapshot.Where;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.PagesStore;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.text.ReportException;
import org.dormouse.vmcore.Exclusions;
import org.dormouse.vmcore.PageKinds;

/**
 * In the saver kernel: writes the original kernel's memory as an image that is only read, onto a
 * device or into memory that the original kernel lends. The walk is that of a sleep ({@link Save}).
 * What is asked of a sleep for the sake of the wake is left out: the original kernel goes on as
 * soon as this is done.
 */
final class Snapshot {
  private final Journal journal;
  private final Place place;

  Snapshot(Journal journal, Place place) {
    this.journal = journal;
    this.place = place;
  }

  /**
   * Takes a snapshot. When it returns, the image is complete.
   *
   * @param key that of the image, if it is to be sealed
   * @param callOff from when the image is about to be committed it is too late
   * @throws ReportException if there is no such store, or it is too small
   * @throws IOException if memory cannot be read or the store cannot be written; there is no image
   *     then
   * @throws InterruptedException if it was called off; there is no image then
   */
  void run(SaverTask.Snapshot task, MailboxRequest request, Optional<ImageKey> key, CallOff callOff)
      throws IOException, InterruptedException {
    journal.stage("find-store");
    Original original = Original.of(request.lines());
    KeyValues details =
        original
            .lines()
            .withAddress(Original.JUMP_BACK_ENTRY, place.jumpBackEntry())
            .withAll(Original.jumpingTask(request.lines()))
            .with(Original.EXCLUDED, task.excluded().toString());
    switch (task.where()) {
      case Where.OnDevice _ -> onDevice(task, original, details, key, callOff);
      case Where.InMemory memory -> inMemory(task, memory, original, details, key, callOff);
    }
  }

  private void onDevice(
      SaverTask.Snapshot task,
      Original original,
      KeyValues details,
      Optional<ImageKey> key,
      CallOff callOff)
      throws IOException, InterruptedException {
    Stores.Found found = Save.findStore(task.image(), task.store(), OptionalLong.empty());
    try (Store store = found.openForWriting();
        OriginalFrames frames = OriginalFrames.open(original, PhysicalMemory.Access.READ)) {
      Save.Contents contents =
          new Save.Contents(
              original,
              frames,
              FreePagePolicy.ANY,
              (kinds, threads) -> chosen(kinds, task, original, frames, threads));
      new Save(journal, place).write(store, contents, key, task.codec(), details, callOff);
    }
  }

  private void inMemory(
      SaverTask.Snapshot task,
      Where.InMemory memory,
      Original original,
      KeyValues details,
      Optional<ImageKey> key,
      CallOff callOff)
      throws IOException, InterruptedException {
    try (Arena arena = Arena.ofShared();
        OriginalFrames frames = OriginalFrames.open(original, PhysicalMemory.Access.WRITE)) {
      LentPages lent =
          LentPages.open(
              frames.frames(),
              original.visible(),
              memory.list(),
              task.image(),
              memory.pages(),
              arena);
      Save.Contents contents =
          new Save.Contents(
              original,
              frames,
              FreePagePolicy.ANY,
              (kinds, threads) -> {
                journal.fact("pages_lent", lent.frames());
                // What the saver writes is no memory of the original kernel's.
                lent.forEachRun(kinds.inUse()::remove);
                return chosen(kinds, task, original, frames, threads);
              });
      new Save(journal, place)
          .write(new PagesStore(task.store(), lent), contents, key, task.codec(), details, callOff);
    }
  }

  /** Of the pages in use those that are wanted. */
  private Save.Chosen chosen(
      PageKinds kinds,
      SaverTask.Snapshot task,
      Original original,
      OriginalFrames frames,
      int threads) {
    PageSet pages = kinds.inUse();
    Optional<String> allKept = kinds.everythingKept();
    if (allKept.isEmpty()) {
      journal.stage("exclude");
      allKept = leaveOut(pages, task.excluded(), frames, threads);
    }
    long visible = original.visible().stream().mapToLong(PageRange::count).sum();
    long wanted = pages.count();
    return new Save.Chosen(
        pages,
        visible - wanted,
        allKept
            .map(why -> KeyValues.empty().with(Original.ALL_KEPT, why))
            .orElse(KeyValues.empty()));
  }

  private Optional<String> leaveOut(
      PageSet pages, Exclusions excluded, OriginalFrames frames, int threads) {
    try {
      if (!excluded.parts().isEmpty()) {
        frames.leaveOut(pages, excluded, place.jumpBackEntry(), threads);
      }
      frames.leaveOutSwapped(pages, excluded, place.jumpBackEntry(), threads);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    }
  }
}
