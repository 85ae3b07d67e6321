package org.dormouse.sleep;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.KexecLoadCounter;
import org.dormouse.linux.SharedMemory;
import org.dormouse.machine.MachineFacts.LoadedImage;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.mailbox.MailboxRequest;
import org.dormouse.mailbox.MailboxStatus;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.LoadedKernels;
import org.dormouse.protocol.Original;
import org.dormouse.protocol.SaverAnswer;
import org.dormouse.protocol.SaverRecord;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.text.Quantity;

/** How a saver stands in the original kernel. */
public sealed interface SaverState {
  /** Nothing is loaded. */
  record NotLoaded() implements SaverState {}

  /**
   * A saver waits to be entered again: it need not be loaded or booted.
   *
   * @param saver what is remembered of it
   * @param original what it was told of this kernel, with the region that it occupies
   */
  record Warm(SaverRecord saver, Original original) implements SaverState {}

  /**
   * A saver is loaded and has not answered yet: step by step, somebody has loaded it to enter it
   * later.
   *
   * @param saver what is remembered of it
   * @param original what it will be told of this kernel
   */
  record Loaded(SaverRecord saver, Original original) implements SaverState {}

  /** A saver of ours is loaded that cannot be entered any more: it has to be unloaded. */
  record Spent(String why) implements SaverState {}

  /** Something is loaded that is not ours: it must not be jumped into, nor unloaded unasked. */
  record Foreign() implements SaverState {}

  /** Several kernels are loaded, and a saver cannot be beside them. */
  record Kernels() implements SaverState {}

  /** What was last said between this kernel and a saver. */
  record Talk(MailboxRequest request, MailboxAnswer answer, long mailbox) {}

  /** Whether there is a warm saver that was started from this software. */
  default boolean isWarm(SaverSoftware software) {
    return this instanceof Warm warm && warm.saver.isOf(software);
  }

  /** What it means for the machine's facts. */
  default LoadedImage kind() {
    return switch (this) {
      case NotLoaded _ -> LoadedImage.NONE;
      case Warm _, Loaded _ -> LoadedImage.OURS;
      case Spent _ -> LoadedImage.SPENT;
      case Foreign _ -> LoadedImage.ANOTHER;
      case Kernels _ -> LoadedImage.KERNELS;
    };
  }

  /** The state in a sentence. */
  default String describe() {
    return switch (this) {
      case NotLoaded _ -> "no saver is loaded: the next sleep loads and boots one";
      case Warm warm ->
          "a saver is warm in "
              + warm.original.region()
              + ": the next sleep loads and boots nothing; it holds "
              + Quantity.bytes(warm.original.heldBytes())
              + " of memory";
      case Loaded loaded ->
          "a saver is loaded into "
              + loaded.original.region()
              + " and was not entered yet: 'dormouse kexec execute' enters it, the next sleep loads"
              + " another";
      case Spent(String why) ->
          "a saver is loaded and of no use, " + why + ": the next sleep loads another";
      case Foreign _ -> "a kexec image is loaded that is not a saver of ours";
      case Kernels _ -> "other kernels are loaded ('dormouse kernel list'), so no saver can be";
    };
  }

  /** Looks at the running kernel. Needs root. Changes nothing. */
  static SaverState observe() throws IOException {
    boolean loaded = Kexec.isSupported() && Kexec.isLoaded();
    if (loaded && LoadedKernels.find().isPresent()) {
      return new Kernels();
    }
    return loaded ? of(talk(), KexecLoadCounter.read()) : new NotLoaded();
  }

  /** What it means that an image is loaded, by what was last said. */
  static SaverState of(Optional<Talk> talk, OptionalLong loadsLeft) {
    if (talk.isEmpty()) {
      return new Foreign();
    }
    Talk last = talk.get();
    try {
      SaverRecord saver = SaverRecord.of(last.request.lines());
      if (saver.loads().isPresent() && !saver.loads().equals(loadsLeft)) {
        return new Foreign();
      }
      if (last.answer.status() == MailboxStatus.NONE && saver.mailbox() == last.mailbox) {
        return new Loaded(saver, Original.of(last.request.lines()));
      }
      if (last.answer.sequence() != last.request.sequence()
          || !SaverAnswer.isWarm(last.answer.lines())) {
        return new Spent("it did not stay to be entered again");
      }
      if (saver.mailbox() != last.mailbox) {
        return new Spent("its mailbox has moved");
      }
      return new Warm(saver, Original.of(last.request.lines()));
    } catch (IllegalArgumentException e) {
      return new Foreign();
    }
  }

  private static Optional<Talk> talk() throws IOException {
    Optional<SharedMemory> found = SharedMemory.find(Mailbox.KEY, Mailbox.BYTES);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (SharedMemory shared = found.get()) {
      Mailbox mailbox = Mailbox.in(shared.memory());
      Optional<MailboxRequest> request = mailbox.request();
      return request.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Talk(request.get(), mailbox.answer(), Pages.address(shared.frames()[0])));
    }
  }
}
