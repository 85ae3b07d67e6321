package org.dormouse.rebuild;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dormouse.text.ReportException;

/** Builds Dormouse's own saver kernel by a plan. */
public final class SaverKernelBuild {
  private final SaverKernelPlan plan;
  private final SaverKernelRequest request;
  private final BuildFolder folder;
  private final BuildJournal journal;
  private final SourceTree tree;

  /**
   * Builds nothing yet.
   *
   * @param plan made of {@code request}
   */
  public SaverKernelBuild(SaverKernelPlan plan, SaverKernelRequest request, BuildJournal journal) {
    this.plan = plan;
    this.request = request;
    this.folder = new BuildFolder(request.folder(), plan.source());
    this.journal = journal;
    this.tree = new SourceTree(plan.source(), folder, request.jobs(), journal);
  }

  /**
   * Builds it, or goes on building it.
   *
   * @return the kernel's file: the request's {@code output}
   */
  public Path run() throws IOException {
    return tree.alone(
        () -> {
          tree.unpack();
          tree.configure(String.join("\n", plan.answers().answers()), this::configure);
          tree.compile(List.of("bzImage"));
          return write();
        });
  }

  private void configure() throws IOException {
    Path answers = Files.writeString(folder.answers(), plan.answers().text());
    tree.make("allnoconfig", "KCONFIG_ALLCONFIG=" + answers.toAbsolutePath());
    List<String> unheeded = plan.answers().unheeded(Files.readString(folder.configuration()));
    Set<String> known = unheeded.isEmpty() ? Set.of() : questions();
    List<String> refused =
        unheeded.stream().filter(line -> known.contains(KernelFragment.name(line))).toList();
    if (!refused.isEmpty()) {
      throw new ReportException(
          plan.source().name() + " does not take " + String.join(", ", refused),
          "Nothing has been compiled.",
          "Name another source with --source: 6.1, 6.12 and 7.2 were tried.");
    }
    unheeded.forEach(line -> journal.line("this source does not ask for " + line));
  }

  /** The options that this source knows of, each as {@code CONFIG_NAME}. */
  private Set<String> questions() throws IOException {
    Pattern question = Pattern.compile("\\s*(?:menu)?config (\\w+)");
    try (Stream<Path> all = Files.walk(folder.tree())) {
      Set<String> names = new HashSet<>();
      for (Path file :
          all.filter(each -> each.getFileName().toString().startsWith("Kconfig")).toList()) {
        try (Stream<String> lines = Files.lines(file)) {
          names.addAll(
              lines
                  .map(question::matcher)
                  .filter(Matcher::matches)
                  .map(line -> "CONFIG_" + line.group(1))
                  .collect(Collectors.toSet()));
        }
      }
      return names;
    }
  }

  private Path write() throws IOException {
    journal.step("write " + request.output());
    Path output = request.output().toAbsolutePath();
    Files.createDirectories(output.getParent());
    Path unfinished = output.resolveSibling("." + output.getFileName() + ".unfinished");
    Files.copy(tree.bzImage(), unfinished, StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(unfinished, output, StandardCopyOption.ATOMIC_MOVE);
    return output;
  }
}
