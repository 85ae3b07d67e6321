package org.dormouse.initramfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Decides what is at which path of an initramfs. */
final class InitramfsNodes {

  /**
   * What busybox is linked as: all that {@code /init} uses, and what a rescue shell is good for.
   */
  private static final List<String> APPLETS =
      List.of(
          "ash",
          "awk",
          "basename",
          "blkid",
          "cat",
          "chmod",
          "chroot",
          "cp",
          "cttyhack",
          "cut",
          "date",
          "dd",
          "devmem",
          "df",
          "dirname",
          "dmesg",
          "du",
          "echo",
          "env",
          "expr",
          "false",
          "fdisk",
          "find",
          "findfs",
          "free",
          "grep",
          "head",
          "hexdump",
          "ifconfig",
          "insmod",
          "ip",
          "kill",
          "less",
          "ln",
          "ls",
          "lsmod",
          "md5sum",
          "mkdir",
          "mkfifo",
          "mknod",
          "modprobe",
          "more",
          "mount",
          "mv",
          "nc",
          "od",
          "ping",
          "poweroff",
          "ps",
          "pwd",
          "readlink",
          "realpath",
          "reboot",
          "rm",
          "rmdir",
          "route",
          "sed",
          "seq",
          "setsid",
          "sh",
          "sha256sum",
          "sleep",
          "sort",
          "stat",
          "strings",
          "stty",
          "swapoff",
          "swapon",
          "switch_root",
          "sync",
          "tail",
          "tar",
          "tee",
          "test",
          "time",
          "timeout",
          "top",
          "touch",
          "tr",
          "true",
          "umount",
          "uname",
          "uniq",
          "uptime",
          "usleep",
          "vi",
          "wc",
          "which",
          "xargs",
          "xxd");

  private static final List<String> EMPTY_FOLDERS =
      List.of("dev", "etc", "proc", "root", "run", "sys", "sysroot", "tmp", "var");

  // The kernel goes on with what it has unpacked when memory runs out. By this file, the last one,
  // /init can tell.
  private static final String LAST = "whole";

  private final SortedMap<String, Node> nodes = new TreeMap<>();

  private InitramfsNodes() {}

  /** The nodes by path without a leading slash, all parents included. */
  static SortedMap<String, Node> of(Initramfs initramfs) throws IOException {
    InitramfsNodes tree = new InitramfsNodes();
    tree.addBase(initramfs.busybox());
    tree.addSoftware(initramfs.software(), initramfs.program());
    for (ExtraFile extra : initramfs.extras()) {
      tree.addFile(extra.target(), extra.source());
    }
    tree.addLibraries(initramfs);
    tree.add(LAST, new Node.Script(new byte[0]));
    if (!tree.nodes.lastKey().equals(LAST)) {
      throw new IOException("/" + tree.nodes.lastKey() + " would be unpacked after /" + LAST);
    }
    return tree.nodes;
  }

  /** What part of the whole a path belongs to, for people. */
  static String shareOf(String path) {
    String inHome = ("/" + path).startsWith(home("")) ? path.substring(home("").length() - 1) : "";
    if (inHome.endsWith("/libjvm.so")) {
      return "Java virtual machine";
    }
    if (inHome.startsWith("runtime/")) {
      return inHome.equals("runtime/lib/modules") ? "Java class library" : "rest of the runtime";
    }
    if (inHome.startsWith("aot/")) {
      return "AOT cache";
    }
    if (inHome.startsWith("lib/")) {
      return "jars";
    }
    if (path.equals("bin/busybox")) {
      return "busybox";
    }
    return path.startsWith("lib") || path.startsWith("usr/lib/x86") ? "C library" : "other files";
  }

  private void addBase(Path busybox) throws IOException {
    for (String folder : EMPTY_FOLDERS) {
      add(folder, new Node.Folder());
    }
    // The kernel opens /dev/console for /init before anything can mount devtmpfs.
    add("dev/console", new Node.Device(5, 1));
    add("dev/null", new Node.Device(1, 3));
    addFile("/bin/busybox", busybox);
    for (String applet : APPLETS) {
      add("bin/" + applet, new Node.Link("busybox"));
    }
    add("init", new Node.Script(initScript()));
  }

  private void addSoftware(SoftwareTree software, Program program) throws IOException {
    List<String> parts = new ArrayList<>();
    parts.add(program.launcherPath());
    parts.add(program.cachePath());
    program.jars().forEach(jar -> parts.add("lib/" + jar));
    for (String part : parts) {
      addFile(home(part), software.folder().resolve(part));
    }
    Path runtime = software.runtime().folder();
    try (Stream<Path> files = Files.walk(runtime)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        addFile(home(software.folder().relativize(file).toString()), file);
      }
    }
  }

  private void addLibraries(Initramfs initramfs) throws IOException {
    List<Path> programs = new ArrayList<>(initramfs.software().runtime().nativeFiles());
    for (ExtraFile extra : initramfs.extras()) {
      if (JavaRuntime.isElf(extra.source())) {
        programs.add(extra.source());
      }
    }
    for (Path library : SharedLibraries.of(programs)) {
      addFile(library.toString(), library);
    }
  }

  private void addFile(String path, Path source) throws IOException {
    if (!Files.isRegularFile(source)) {
      throw new IOException(source + ": no such file");
    }
    add(path.substring(1), new Node.Copy(source, Files.isExecutable(source)));
  }

  private void add(String path, Node node) {
    nodes.put(path, node);
    int slash = path.lastIndexOf('/');
    if (slash >= 0 && !nodes.containsKey(path.substring(0, slash))) {
      add(path.substring(0, slash), new Node.Folder());
    }
  }

  private static String home(String path) {
    return SoftwareTree.HOME + "/" + path;
  }

  private static byte[] initScript() throws IOException {
    try (InputStream in = InitramfsNodes.class.getResourceAsStream("init")) {
      if (in == null) {
        throw new IOException("the init script is missing beside " + InitramfsNodes.class);
      }
      return in.readAllBytes();
    }
  }
}
