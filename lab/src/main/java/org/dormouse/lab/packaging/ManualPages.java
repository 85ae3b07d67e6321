package org.dormouse.lab.packaging;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Manual pages, one for each command, made from the model of the command line. */
final class ManualPages {
  /** Commands of the system administrator. */
  static final String SECTION = "8";

  private static final Pattern TITLE = Pattern.compile("(?m)^= (\\S+)\\(1\\)$");
  private static final Pattern SOURCE = Pattern.compile("(?m)^:(revnumber|mansource):.*$");

  /** What a command is for; of that, the first sentence, without its end, which "e.g." is not. */
  private static final Pattern PURPOSE =
      Pattern.compile("(?m)^(== Name\n\n\\S+ - .*?)(?<!\\b\\p{L})[.](?: .*)?$");

  private static final Pattern EXIT_CODES = Pattern.compile("(?m)^==\\s+Exit codes:$");

  private static final String FILES =
      """

      == Files

      _/etc/dormouse.conf_::
        Defaults for the options of *dormouse hibernate*, and where the key is. It tells of itself.

      _/etc/dormouse/key_::
        The machine's key: if it is there, images are sealed.

      _/boot/dormouse-saver.img_::
        What the saver kernel starts with; *dormouse initramfs* makes it.
      """;

  private ManualPages() {}

  /**
   * The pages' texts, in AsciiDoc, by the names of the pages: {@code dormouse-key-create}.
   *
   * @param command the topmost
   */
  static SortedMap<String, String> of(CommandLine command) {
    SortedMap<String, String> pages = new TreeMap<>();
    add(pages, command, List.of());
    return pages;
  }

  private static void add(
      SortedMap<String, String> pages, CommandLine command, List<CommandLine> above) {
    CommandSpec spec = command.getCommandSpec();
    // A command is there once for each of its names.
    List<CommandLine> below =
        new LinkedHashSet<>(command.getSubcommands().values())
            .stream().filter(each -> !each.getCommandSpec().usageMessage().hidden()).toList();
    CommandLine topmost = above.isEmpty() ? command : above.getFirst();
    pages.put(
        name(command),
        finished(generated(spec), topmost.getCommandSpec().version()[0])
            + (above.isEmpty() ? FILES : "")
            + seeAlso(Stream.concat(above.stream(), below.stream()).toList()));
    List<CommandLine> way = Stream.concat(above.stream(), Stream.of(command)).toList();
    below.forEach(each -> add(pages, each, way));
  }

  private static String generated(CommandSpec spec) {
    StringWriter text = new StringWriter();
    try (PrintWriter out = new PrintWriter(text)) {
      ManPageGenerator.writeSingleManPage(out, spec);
    }
    return text.toString();
  }

  /** The generator writes pages of section 1, and has no version for a command below another. */
  static String finished(String page, String version) {
    String titled = TITLE.matcher(page).replaceFirst("= $1(" + SECTION + ")");
    String sourced = SOURCE.matcher(titled).replaceAll(":$1: " + version);
    String coded = EXIT_CODES.matcher(sourced).replaceFirst("== Exit Status");
    return PURPOSE.matcher(coded).replaceFirst("$1");
  }

  private static String seeAlso(List<CommandLine> others) {
    if (others.isEmpty()) {
      return "";
    }
    String references =
        String.join(
            ", ", others.stream().map(each -> "*" + name(each) + "*(" + SECTION + ")").toList());
    return "\n== See Also\n\n" + references + "\n";
  }

  private static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName("-");
  }
}
