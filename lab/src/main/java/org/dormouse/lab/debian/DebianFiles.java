package org.dormouse.lab.debian;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dormouse.lab.guest.HostCommand;

/**
 * A Debian that was made. Machines get copies of the disk.
 *
 * @param disk the disk, a sparse file
 * @param sshKey opens its root's account
 */
public record DebianFiles(Path disk, Path sshKey) {
  /** Of the LUKS header of a disk that is encrypted. */
  static final String LUKS_UUID = "6f3d1c52-0b64-4f3e-9a52-2d7f5f1c0a03";

  /** Of the swap on such a disk. */
  static final String SWAP_UUID = "6f3d1c52-0b64-4f3e-9a52-2d7f5f1c0a05";

  /** Of a disk that is encrypted. */
  public static final String PASSPHRASE = "a mouse in a hedge";

  private static final String DISK = "disk.img";
  private static final String KEY = "ssh-key";
  private static final String VOLUME_KEY = "volume-key";

  static DebianFiles in(Path folder) {
    return new DebianFiles(folder.resolve(DISK), folder.resolve(KEY));
  }

  /** The volume in its root partition, if it is encrypted. */
  LuksVolume volume() {
    return new LuksVolume(
        disk,
        DebianDisk.of(DebianLayout.ENCRYPTED).root(),
        LUKS_UUID,
        disk.resolveSibling(VOLUME_KEY));
  }

  /** Copies for one machine. */
  DebianFiles copyTo(Path folder) throws IOException, InterruptedException {
    for (String name : List.of(DISK, KEY, VOLUME_KEY)) {
      Path file = disk.resolveSibling(name);
      if (Files.exists(file)) {
        HostCommand.check(
            List.of(
                "cp",
                "--sparse=always",
                "--reflink=auto",
                "-p",
                file.toString(),
                folder.toString()));
      }
    }
    return in(folder);
  }
}
