package org.dormouse.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.dormouse.initramfs.Folders;
import org.dormouse.lab.guest.GuestSoftware;

/** The folder that holds a machine's disks and logs. One of our own is deleted in the end. */
final class WorkFolder implements AutoCloseable {
  private final Path path;
  private final Optional<Thread> deletion;

  private WorkFolder(Path path, Optional<Thread> deletion) {
    this.path = path;
    this.deletion = deletion;
    deletion.ifPresent(Runtime.getRuntime()::addShutdownHook);
  }

  /** A folder that is deleted when this is closed, and also if the process is interrupted. */
  static WorkFolder temporary(Path cacheFolder) throws IOException {
    Files.createDirectories(cacheFolder);
    Path path = Files.createTempDirectory(cacheFolder, "machine-");
    return new WorkFolder(path, Optional.of(new Thread(() -> deleteQuietly(path), "clean up")));
  }

  /** A folder of the user's, which stays. */
  static WorkFolder kept(Path path) throws IOException {
    Files.createDirectories(path);
    return new WorkFolder(path.toAbsolutePath(), Optional.empty());
  }

  Path path() {
    return path;
  }

  /**
   * What a guest is made from, with copies of kernel and initramfs in this folder, so that the
   * machines' command lines work for as long as the folder is there.
   */
  GuestSoftware copyOf(GuestSoftware software) throws IOException {
    Path kernel = path.resolve("vmlinuz");
    Path saver = path.resolve("dormouse-saver.img");
    Path boot = path.resolve("dormouse-boot.img");
    Files.copy(software.kernel(), kernel, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(software.saverInitramfs(), saver, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(software.bootInitramfs(), boot, StandardCopyOption.REPLACE_EXISTING);
    return new GuestSoftware(kernel, saver, boot, software.busybox(), software.software());
  }

  /** From now on it stays, whatever it was meant for. */
  void keep() {
    deletion.ifPresent(Runtime.getRuntime()::removeShutdownHook);
  }

  /** Whether it will still be there after the process has ended. */
  boolean stays() {
    return deletion.isEmpty();
  }

  private static void deleteQuietly(Path folder) {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      System.err.println("dormouse: cannot delete " + folder + ": " + e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    if (deletion.isPresent() && Runtime.getRuntime().removeShutdownHook(deletion.get())) {
      Folders.delete(path);
    }
  }
}
