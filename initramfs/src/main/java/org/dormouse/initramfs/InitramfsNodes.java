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

  /** What the scripts call, and little to look around with. */
  private static final List<String> APPLETS =
      List.of(
          "ash",
          "awk",
          "cat",
          "cttyhack",
          "dd",
          "findfs",
          "head",
          "hexdump",
          "ls",
          "mkdir",
          "mkfifo",
          "mount",
          "mv",
          "poweroff",
          "printf",
          "readlink",
          "reboot",
          "rm",
          "sed",
          "setsid",
          "sh",
          "sha256sum",
          "sleep",
          "switch_root",
          "tail",
          "tee",
          "tr",
          "usleep",
          "wc");

  /** What the saver has besides: what its own script calls, and what a rescue shell is good for. */
  private static final List<String> SAVER_APPLETS =
      List.of(
          "blkid", "cp", "cut", "date", "devmem", "df", "dmesg", "echo", "env", "fdisk", "find",
          "free", "grep", "insmod", "kill", "lsmod", "less", "ln", "mknod", "od", "ps", "pwd",
          "sort", "stat", "strings", "sync", "test", "time", "top", "touch", "umount", "uname",
          "uptime", "vi", "xxd");

  private static final List<String> EMPTY_FOLDERS =
      List.of("dev", "etc", "proc", "root", "run", "sys", "sysroot", "tmp", "var");

  private static final String KEXEC = "/sbin/kexec";

  // The kernel goes on with what it has unpacked when memory runs out. By this file, the last one,
  // /init can tell.
  private static final String LAST = "whole";

  private final SortedMap<String, Node> nodes = new TreeMap<>();

  private InitramfsNodes() {}

  /** The nodes by path without a leading slash, all parents included. */
  static SortedMap<String, Node> of(Initramfs initramfs) throws IOException {
    InitramfsNodes tree = new InitramfsNodes();
    List<Path> programs = new ArrayList<>();
    tree.addBase();
    tree.addFile(KEXEC, Initramfs.DEBIAN_KEXEC);
    tree.addScript(home("wake").substring(1), "wake");
    programs.add(Initramfs.DEBIAN_KEXEC);
    switch (initramfs.content()) {
      case Initramfs.Saver(SoftwareTree software, Program program) -> {
        tree.addApplets(SAVER_APPLETS);
        tree.addScript("init", "saver-init");
        tree.addScript(home("kernel-shell").substring(1), "kernel-shell");
        tree.addScript("usr/bin/dormouse", "kernel-command");
        tree.addSoftware(software, program);
        programs.addAll(software.runtime().nativeFiles());
        programs.add(software.runtime().libcrypto());
      }
      case Initramfs.Boot _ -> {
        tree.addScript("init", "boot-init");
      }
    }
    for (ExtraFile extra : initramfs.extras()) {
      tree.addFile(extra.target(), extra.source());
      if (JavaRuntime.isElf(extra.source())) {
        programs.add(extra.source());
      }
    }
    tree.addModules(initramfs.modules());
    for (Path library : SharedLibraries.of(programs)) {
      tree.addFile(library.toString(), library);
    }
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
    if (inHome.startsWith("modules/")) {
      return "kernel modules";
    }
    if (inHome.startsWith("lib/")) {
      return "jars";
    }
    if (path.equals("bin/busybox")) {
      return "busybox";
    }
    if (("/" + path).equals(KEXEC) || path.contains("/libxen")) {
      return "kexec";
    }
    return path.startsWith("lib") || path.startsWith("usr/lib/x86") ? "C library" : "other files";
  }

  private void addBase() throws IOException {
    for (String folder : EMPTY_FOLDERS) {
      add(folder, new Node.Folder());
    }
    // The kernel opens /dev/console for /init before anything can mount devtmpfs.
    add("dev/console", new Node.Device(5, 1));
    add("dev/null", new Node.Device(1, 3));
    addFile("/bin/busybox", Initramfs.DEBIAN_BUSYBOX);
    addApplets(APPLETS);
  }

  private void addApplets(List<String> applets) {
    for (String applet : applets) {
      add("bin/" + applet, new Node.Link("busybox"));
    }
  }

  private void addSoftware(SoftwareTree software, Program program) throws IOException {
    for (String part : software.parts(program)) {
      addFile(home(part), software.folder().resolve(part));
    }
    Path runtime = software.runtime().folder();
    try (Stream<Path> files = Files.walk(runtime)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        addFile(home(software.folder().relativize(file).toString()), file);
      }
    }
    Path libcrypto = software.runtime().libcrypto();
    addFile(home("runtime/lib/" + libcrypto.getFileName()), libcrypto);
  }

  private void addModules(List<Path> files) throws IOException {
    List<String> names = KernelModules.numbered(files);
    for (int i = 0; i < files.size(); i++) {
      String path = home("modules/" + names.get(i)).substring(1);
      add(path, new Node.Script(KernelModules.content(files.get(i))));
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

  private void addScript(String path, String resource) throws IOException {
    try (InputStream in = InitramfsNodes.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException(
            "the script " + resource + " is missing beside " + InitramfsNodes.class);
      }
      add(path, new Node.Script(in.readAllBytes()));
    }
  }
}
