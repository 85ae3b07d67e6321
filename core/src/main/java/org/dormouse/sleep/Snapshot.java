package org.dormouse.sleep;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.dormouse.convert.ExportImage;
import org.dormouse.convert.ImageCore;
import org.dormouse.image.CodecChoice;
import org.dormouse.image.Image;
import org.dormouse.image.ImageBody;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageReader;
import org.dormouse.image.Vacancy;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.machine.MachineFacts;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.Original;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.protocol.Stay;
import org.dormouse.seal.MachineKey;
import org.dormouse.store.BlockStore;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;
import org.dormouse.vmcore.Exclusions;

/**
 * In the original kernel: has a saver write the machine's memory as it is at one moment, and goes
 * on.
 *
 * <p>The saver writes onto a device of its own, or into memory that this process lends it: then the
 * machine goes on sooner, and the image is written to its end, wherever this kernel can write,
 * beside everything else.
 */
public final class Snapshot {
  private final Journal journal;

  /** Tells {@code journal} how it goes. */
  public Snapshot(Journal journal) {
    this.journal = journal;
  }

  /** What the snapshot is written as. */
  public sealed interface Format {
    /** As the saver writes it: an image that is only to be read. */
    record Image() implements Format {}

    /** A dump for the tools of others. */
    record Dump(ExportImage.Format format) implements Format {}
  }

  /** What becomes of the saver. */
  public enum Afterwards {
    /** It stays warm if there was a warm one. */
    AS_BEFORE,
    /** It stays warm, for the next one. */
    WARM
  }

  /**
   * What is to be done.
   *
   * @param out where it goes: a device, a file that is still to be made, a pipe
   * @param format as what
   * @param excluded what is left out besides free memory
   * @param codec what the saver compresses with; empty if it decides from chunk to chunk
   * @param through a device on which the image may lie until it is written to where it goes
   * @param dumps what becomes of a dump that is on a device
   * @param software what the saver is started from
   * @param key what an image is sealed with, if it is to be; not closed before this is done
   * @param stay how the stay in the saver kernel is to go
   * @param afterwards what becomes of the saver
   */
  public record Request(
      Path out,
      Format format,
      Exclusions excluded,
      Optional<CodecChoice> codec,
      Optional<Path> through,
      Vacancy.Dumps dumps,
      SaverSoftware software,
      Optional<MachineKey> key,
      Stay stay,
      Afterwards afterwards) {}

  /**
   * What came of it.
   *
   * @param image which one
   * @param standstill how long the machine stood still
   * @param body the numbers of the image
   * @param remarks what is missing or was not left out, for people
   * @param writing how long it took afterwards to write the image to where it goes
   */
  public record Result(
      UUID image, Standstill standstill, ImageBody body, List<String> remarks, Duration writing) {}

  /** Is told how the writing goes that follows the snapshot. */
  public interface Progress {
    /** So many bytes are to be written. */
    void begin(long bytes);

    /** So many more are, by any thread. */
    void written(long bytes);
  }

  /** What was looked at before anything was changed. */
  private record Preparation(SnapshotTarget target, Optional<Path> device, SnapshotNeeds needs) {}

  /** The plan in lines for people. Changes nothing. */
  public List<String> dryRun(Request request) throws IOException {
    SaverState state = SaverState.observe();
    MachineFacts machine = Preflight.check(state);
    List<String> lines = new ArrayList<>();
    try (SaverPlanner planner = new SaverPlanner(machine, request.software())) {
      Preparation prepared = prepare(request, planner, state);
      lines.add(describe(prepared, MemoryInfo.read()));
      lines.add(state.describe());
      if (!state.isWarm(request.software())) {
        lines.addAll(planner.plan(planner.place(), 0).describe());
      }
    }
    return lines;
  }

  private static String describe(Preparation prepared, MemoryInfo memory) {
    String most = Quantity.bytes(Pages.address(prepared.needs().mostPages(memory)));
    if (prepared.device().isPresent()) {
      return "the saver writes the image onto " + prepared.device().get() + ": at most " + most;
    }
    return switch (prepared.needs().plan(memory)) {
      case SnapshotNeeds.Plan.Whole _ ->
          "the saver writes the image into memory, at most " + most + "; it is written out later";
      case SnapshotNeeds.Plan.Compressed(long pages, long _) ->
          "the saver compresses the image into memory: it may take "
              + most
              + ", and "
              + Quantity.bytes(Pages.address(pages))
              + " are to be had; it is written out later";
      case SnapshotNeeds.Plan.TooLittle(Report report) -> report.line();
    };
  }

  /**
   * Takes a snapshot.
   *
   * @param progress is told how the writing goes that follows
   * @throws ReportException if there is none. The machine goes on, and nothing is loaded unless
   *     there was a warm saver before
   */
  public Result run(Request request, Progress progress) throws IOException, InterruptedException {
    try (JumpLock _ = JumpLock.take()) {
      return take(request, progress);
    }
  }

  private Result take(Request request, Progress progress) throws IOException, InterruptedException {
    journal.stage("check");
    SaverState state = SaverState.observe();
    MachineFacts machine = Preflight.check(state);
    try (SaverPlanner planner = new SaverPlanner(machine, request.software());
        StandstillWatch watch = StandstillWatch.begin()) {
      Preparation prepared = prepare(request, planner, state);
      SaverUse use = new SaverUse(journal, planner);
      try (SnapshotTaking.Taken taken =
          use.run(
              state,
              new SnapshotTaking(
                  journal, planner, request, prepared.device(), prepared.needs(), watch))) {
        if (request.afterwards() == Afterwards.AS_BEFORE && !(state instanceof SaverState.Warm)) {
          giveBack(use);
        }
        return finish(request, prepared, taken, watch.measured(), progress);
      }
    }
  }

  private void giveBack(SaverUse use) {
    try {
      use.giveBack();
    } catch (IOException e) {
      // The snapshot is there, and worth more.
      journal.say("the saver stays loaded: " + e.getMessage());
    }
  }

  /** Looks at all that the snapshot needs. Changes nothing. */
  private static Preparation prepare(Request request, SaverPlanner planner, SaverState state)
      throws IOException {
    planner.checkCodec(request.codec());
    SnapshotTarget target = SnapshotTarget.of(request.out(), request.format());
    Optional<Path> device =
        target instanceof SnapshotTarget.Device(Path path) ? Optional.of(path) : request.through();
    SnapshotNeeds needs = needs(request, planner, state);
    MemoryInfo memory = MemoryInfo.read();
    if (device.isPresent()) {
      try (BlockStore store = BlockStore.forWriting(device.get())) {
        Vacancy.check(store, request.dumps());
        throwIf(needs.shortage(memory, store.name(), store.size()));
      }
    } else if (needs.plan(memory) instanceof SnapshotNeeds.Plan.TooLittle(Report report)) {
      throw new ReportException(report);
    }
    return new Preparation(target, device, needs);
  }

  private static void throwIf(Optional<Report> report) throws ReportException {
    if (report.isPresent()) {
      throw new ReportException(report.get());
    }
  }

  private static SnapshotNeeds needs(Request request, SaverPlanner planner, SaverState state) {
    SleepNeeds jump =
        state instanceof SaverState.Warm warm && warm.isWarm(request.software())
            ? Preflight.needsOfWarmJump(planner, warm)
            : Preflight.needsOfJump(planner);
    return new SnapshotNeeds(
        jump.ramPages(),
        jump.freeBytes(),
        jump.heldPages(),
        request.excluded(),
        ImageDescription.DUMP_DATA_OFFSET);
  }

  /** Brings the image to where it goes. */
  private Result finish(
      Request request,
      Preparation prepared,
      SnapshotTaking.Taken taken,
      Standstill standstill,
      Progress progress)
      throws IOException, InterruptedException {
    journal.seconds("standstill_s", standstill.time());
    ImageHeader header = taken.header();
    ImageBody body = header.body().orElseThrow();
    List<String> remarks = remarks(taken);
    long start = System.nanoTime();
    if (!(prepared.target() instanceof SnapshotTarget.Device)) {
      journal.stage("write-out");
      long bytes = body.blocksEnd(ImageDescription.DUMP_DATA_OFFSET);
      progress.begin(
          request.format() instanceof Format.Image
              ? bytes
              : Pages.address(body.savedPages() + body.zeroPages()));
      SnapshotTarget.write(prepared.target(), taken.store(), bytes, progress::written);
      if (prepared.device().isPresent()) {
        Image.discard(taken.store(), "it was written to " + request.out());
      }
    }
    journal.stage("done");
    return new Result(
        header.image(), standstill, body, remarks, Duration.ofNanos(System.nanoTime() - start));
  }

  /** What is missing, and what was not left out; nothing is known of a sealed image. */
  private static List<String> remarks(SnapshotTaking.Taken taken) throws IOException {
    if (taken.header().seal().isPresent()) {
      return List.of();
    }
    List<String> remarks = new ArrayList<>();
    KeyValues.parse(ImageReader.inspect(taken.store()).details())
        .find(Original.ALL_KEPT)
        .ifPresent(
            why -> remarks.add("pages cannot be told from one another, so all are kept: " + why));
    try (ImageCore core = ImageCore.open(taken.store())) {
      remarks.addAll(core.description().remarks());
    }
    return remarks;
  }
}
