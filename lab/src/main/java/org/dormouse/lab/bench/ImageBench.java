package org.dormouse.lab.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.seal.MachineKey;
import org.dormouse.seal.WakeKey;
import org.dormouse.sleep.KeyFiles;

/**
 * Has makedumpfile, zstd and Dormouse do the same with the same vmcore, in turns.
 *
 * <p>Each one is a process of its own, from its start to its end: of ours, the start of the Java
 * run-time is a part. The vmcore is read once before, so that it comes out of the page cache as far
 * as there is memory for it. What a program leaves in the page cache is flushed after its time, and
 * that is measured too.
 */
public final class ImageBench {
  /** Stands for the vmcore in a command. */
  static final String VMCORE = "{vmcore}";

  /** Stands for the file that is written, or read again. */
  static final String OUTPUT = "{output}";

  /** Stands for the file with which a machine seals. */
  static final String MACHINE_KEY = "{machine key}";

  /** Stands for the key file that opens what was sealed. */
  static final String WAKE_KEY = "{wake key}";

  private final Path vmcore;
  private final Path folder;
  private final List<ImageContender> contenders;
  private final Consumer<String> teller;

  /**
   * @param folder where outputs are written, one at a time; as large as the vmcore
   * @param teller gets a line for each measurement
   */
  public ImageBench(
      Path vmcore, Path folder, List<ImageContender> contenders, Consumer<String> teller) {
    this.vmcore = vmcore;
    this.folder = folder;
    this.contenders = List.copyOf(contenders);
    this.teller = teller;
  }

  /**
   * Those who take part.
   *
   * @param dormouse how the command line of this build is started
   * @param makedumpfile the program
   * @param threads how many of them each program that can has at most, 2 or more
   */
  public static List<ImageContender> contenders(
      List<String> dormouse, Path makedumpfile, int threads) {
    List<ImageContender> all = new ArrayList<>();
    String many = Integer.toString(threads);
    for (String format : List.of("-l", "-c")) {
      List<String> filter = List.of(makedumpfile.toString(), format, "-d", "1");
      String label = "makedumpfile " + format + " -d 1";
      all.add(
          ImageContender.writing(
              label, joined(filter, List.of("--message-level", "0", VMCORE, OUTPUT))));
      all.add(
          ImageContender.writing(
              label + ", " + many + " threads",
              joined(
                  filter, List.of("--num-threads", many, "--message-level", "0", VMCORE, OUTPUT))));
    }
    all.add(
        ImageContender.writing(
            "zstd -1 -T" + many,
            List.of("zstd", "-q", "-f", "-1", "-T" + many, VMCORE, "-o", OUTPUT)));
    for (String codec : List.of("none", "lz4", "zstd")) {
      for (String count : List.of("1", many)) {
        String label =
            "Dormouse " + codec + ", " + count + (count.equals("1") ? " thread" : " threads");
        ImageContender writes =
            ImageContender.writing(label, joined(dormouse, create(codec, count, OUTPUT)));
        all.add(writes);
        all.add(
            writes.reader(
                label + ", verify", joined(dormouse, List.of("image", "verify", OUTPUT))));
        all.add(
            ImageContender.writing(
                label + ", null store", joined(dormouse, create(codec, count, "/dev/null"))));
      }
      all.addAll(sealed(dormouse, codec, many));
    }
    return all;
  }

  private static List<ImageContender> sealed(List<String> dormouse, String codec, String threads) {
    String label = "Dormouse " + codec + ", " + threads + " threads, sealed";
    List<String> key = List.of("--key", MACHINE_KEY);
    ImageContender writes =
        ImageContender.writing(
            label, joined(dormouse, joined(create(codec, threads, OUTPUT), key)));
    List<String> verify = List.of("image", "verify", "--key", WAKE_KEY, OUTPUT);
    List<String> toNowhere = joined(create(codec, threads, "/dev/null"), key);
    return List.of(
        writes,
        writes.reader(label + ", verify", joined(dormouse, verify)),
        ImageContender.writing(label + ", null store", joined(dormouse, toNowhere)));
  }

  private static List<String> create(String codec, String threads, String to) {
    return List.of(
        "image",
        "create",
        "--from",
        VMCORE,
        "--to",
        to,
        "--codec",
        codec,
        "--exclude",
        "zero",
        "--threads",
        threads);
  }

  private static List<String> joined(List<String> one, List<String> other) {
    return Stream.concat(one.stream(), other.stream()).toList();
  }

  /** Measures each one so many times, in turns. */
  public List<ImageMeasurement> run(int rounds) throws IOException, InterruptedException {
    makeKeys();
    readOnce();
    List<ImageMeasurement> measured = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      for (ImageContender contender : contenders) {
        if (contender.reads().isEmpty()) {
          deleteOutput();
          HostCommand.check(List.of("sync"));
        }
        ImageMeasurement one = measure(contender);
        measured.add(one);
        teller.accept(
            "round %d: %-44s %7.2f s".formatted(round + 1, contender.label(), one.seconds()));
      }
    }
    deleteOutput();
    return measured;
  }

  private ImageMeasurement measure(ImageContender contender)
      throws IOException, InterruptedException {
    List<String> command =
        contender.command().stream()
            .map(word -> word.replace(VMCORE, vmcore.toString()))
            .map(word -> word.replace(OUTPUT, output().toString()))
            .map(word -> word.replace(MACHINE_KEY, machineKey().toString()))
            .map(word -> word.replace(WAKE_KEY, wakeKey().toString()))
            .toList();
    long start = System.nanoTime();
    HostCommand.check(command);
    double seconds = (System.nanoTime() - start) / 1e9;
    boolean wrote = contender.reads().isEmpty() && Files.exists(output());
    if (wrote) {
      HostCommand.check(List.of("sync", output().toString()));
    }
    return new ImageMeasurement(
        contender.label(),
        seconds,
        (System.nanoTime() - start) / 1e9,
        wrote ? OptionalLong.of(Files.size(output())) : OptionalLong.empty());
  }

  private void makeKeys() throws IOException {
    try (WakeKey wake = WakeKey.random();
        MachineKey machine = wake.machineKey(Optional.empty())) {
      KeyFiles.writeWake(wake, wakeKey());
      KeyFiles.writeMachine(machine, machineKey());
    }
  }

  private Path machineKey() {
    return folder.resolve("machine-key");
  }

  private Path wakeKey() {
    return folder.resolve("wake-key");
  }

  private Path output() {
    return folder.resolve("output");
  }

  private void deleteOutput() throws IOException {
    Files.deleteIfExists(output());
  }

  private void readOnce() throws IOException {
    byte[] buffer = new byte[1 << 20];
    try (InputStream file = Files.newInputStream(vmcore)) {
      while (file.read(buffer) >= 0) {
        // Into the page cache is all it is for.
      }
    }
  }
}
