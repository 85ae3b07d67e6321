package org.dormouse.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.function.Consumer;
import org.dormouse.text.Json;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What a command has found out, for people or for programs. With {@code --json} nothing else goes
 * to standard output.
 */
final class Answer {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--json",
      description = "Prints one JSON object instead; docs/json.md says what its members are.")
  private boolean json;

  /** Where what is told to people meanwhile goes. */
  PrintWriter meanwhile() {
    return json ? command.commandLine().getErr() : command.commandLine().getOut();
  }

  /**
   * Prints one of the two.
   *
   * @param figures the members of the object
   * @param forPeople prints lines
   */
  void print(Map<String, Object> figures, Consumer<PrintWriter> forPeople) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.print(Json.of(figures));
    } else {
      forPeople.accept(out);
    }
    out.flush();
  }
}
