package org.dormouse.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dormouse.cli.ExitCode;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestSoftware;
import org.dormouse.lab.qemu.AcceleratorChoice;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ConsoleReporter;
import org.dormouse.lab.setup.Setup;
import org.dormouse.lab.setup.SetupException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A guest on the terminal. */
@Command(
    name = "shell",
    description =
        "A guest on this terminal, with the tools in it. It can be switched off, or sent to sleep, and"
            + " switched on again.",
    mixinStandardHelpOptions = true)
final class ShellCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MachineArguments machine;

  @Option(names = "--keep", paramLabel = "DIR", description = "Leave disks and logs there.")
  private Optional<Path> keep = Optional.empty();

  @Override
  public Integer call() throws SetupException, IOException, InterruptedException {
    CacheFolder cache = CacheFolder.fromEnvironment();
    GuestSoftware software =
        new Setup(cache, ConsoleReporter.onStandardError())
            .provide(machine.kernel())
            .guestSoftware();
    AcceleratorChoice chosen = machine.chooseAccelerator(software.kernel(), cache.path());
    try (WorkFolder folder =
            keep.isPresent() ? WorkFolder.kept(keep.get()) : WorkFolder.temporary(cache.path());
        Scenario scenario =
            Scenario.prepare(software, machine.machine(software.kernel(), chosen), folder.path());
        Terminal terminal = Terminal.open()) {
      explain(scenario, folder);
      boolean goOn = true;
      while (goOn) {
        Machine started = scenario.powerOn();
        say("Switched on. The console is logged in " + started.console().file());
        goOn =
            terminal.converse(started.shell(), started::isRunning, scenario::guestListens)
                && askToGoOn(terminal);
      }
    }
    return ExitCode.OK;
  }

  private void explain(Scenario scenario, WorkFolder folder) {
    say(
        """
        This is a machine of its own: break what you like. It boots in a few seconds.
          Ctrl-]                     switches it off at once and leaves
          switch-off                 shuts it down
          workload 42                starts programs that are worth keeping; then
          ask fill 300000000         fills memory,   ask verify   checks it,   state   shows all
          dormouse doctor            can it sleep?
          dormouse hibernate         sleeps; then switch it on again, and it goes on
        Its disks: %s. The image goes to %s."""
            .formatted(folder.path(), scenario.store()));
  }

  private boolean askToGoOn(Terminal terminal) throws InterruptedException {
    say("The machine is off. Enter switches it on again, q leaves.");
    return terminal.awaitKey() != 'q';
  }

  private void say(String text) {
    PrintWriter out = spec.commandLine().getOut();
    text.lines().forEach(line -> out.print("\r" + line + "\r\n"));
    out.flush();
  }
}
