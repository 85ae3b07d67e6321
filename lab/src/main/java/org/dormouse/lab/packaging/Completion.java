package org.dormouse.lab.packaging;

import java.util.Locale;
import java.util.regex.Pattern;
import picocli.AutoComplete;
import picocli.CommandLine;

/** The shells' completion of the command, made from its model. */
final class Completion {
  /** Who sources a file does not start it. */
  private static final Pattern HASHBANG = Pattern.compile("\\A#!.*\n");

  /** The values of an option that takes one of a few words. */
  private static final Pattern WORDS =
      Pattern.compile("(?m)^( *local \\w+_(?:option|pos_param)_args=)(\\(.*\\))");

  /**
   * What it does to a zsh: changes how aliases are completed, all of them, and has a name for
   * bash's {@code compopt}, which the lines after it find and cannot call.
   */
  private static final Pattern MEDDLING =
      Pattern.compile("(?m)^ *(setopt COMPLETE_ALIASES|alias compopt=complete)\n");

  private Completion() {}

  /** What bash sources when somebody completes the command for the first time. */
  static String bash(CommandLine command) {
    String script = AutoComplete.bash(command.getCommandName(), command);
    String sourced = HASHBANG.matcher(script).replaceFirst("");
    // As the manual writes them.
    return WORDS
        .matcher(sourced)
        .replaceAll(match -> match.group(1) + match.group(2).toLowerCase(Locale.ROOT));
  }

  /**
   * The same for zsh, which runs the file as the body of a function when somebody completes the
   * command for the first time: it has to complete that time, too, and not only to say who does
   * from then on.
   */
  static String zsh(CommandLine command) {
    String name = command.getCommandName();
    return "#compdef "
        + name
        + "\n"
        + MEDDLING.matcher(bash(command)).replaceAll("")
        + "\n_bash_complete -o default -F _complete_"
        + name
        + "\n";
  }
}
