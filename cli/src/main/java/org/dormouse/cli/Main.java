package org.dormouse.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.dormouse.codec.Xxh64;
import org.dormouse.linux.SystemCalls;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code dormouse} command. */
@Command(
    name = "dormouse",
    description = "Hibernation for Linux by kexec jump.",
    mixinStandardHelpOptions = true,
    version = "dormouse 0.1",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it was done",
      "1:it was looked at, and the answer is no",
      "2:the command line is wrong",
      "69:something that is needed is not there",
      "70:a defect of Dormouse",
      "74:a device or file failed",
      "75:another command is at work",
      "77:it needs root"
    },
    synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    // Beside the parser, which takes as long.
    Thread.ofPlatform().daemon(true).name("link").start(Main::link);
    if (arguments.length == 2 && arguments[0].equals(Daemon.WORD)) {
      Daemon.run(arguments[1]);
      System.exit(ExitCode.OK);
    }
    System.exit(commandLine(arguments).execute(arguments));
  }

  private static void link() {
    SystemCalls.link();
    Xxh64.link();
  }

  /** The command with all that it can do on any machine; others may add to it. */
  public static CommandLine commandLine(String... arguments) {
    return commandLine(Path.of("").toAbsolutePath(), arguments);
  }

  /**
   * The same for a user who is elsewhere than this process.
   *
   * @param folder where the user is, absolute
   * @param arguments the user's. If they begin with the name of a command, the others are left out:
   *     the parser looks at every class that it is given, which takes a second in an emulated
   *     machine
   */
  static CommandLine commandLine(Path folder, String... arguments) {
    CommandLine line = new CommandLine(new Main());
    String named = arguments.length == 0 ? "" : arguments[0];
    switch (named) {
      case "hibernate" -> line.addSubcommand(new HibernateCommand());
      case "arm" -> line.addSubcommand(new ArmCommand());
      case "disarm" -> line.addSubcommand(new DisarmCommand());
      case "switch" -> line.addSubcommand(new SwitchCommand());
      case "kernel" -> line.addSubcommand(new KernelCommand());
      case "rehearse" -> line.addSubcommand(new RehearseCommand());
      case "call" -> line.addSubcommand(new CallCommand());
      case "bios" -> line.addSubcommand(new BiosCommand());
      case "snapshot" -> line.addSubcommand(new SnapshotCommand());
      case "train" -> line.addSubcommand(new HibernateCommand()).addSubcommand(new TrainCommand());
      default ->
          line.addSubcommand(new HibernateCommand())
              .addSubcommand(new ArmCommand())
              .addSubcommand(new DisarmCommand())
              .addSubcommand(new RehearseCommand())
              .addSubcommand(new KernelCommand())
              .addSubcommand(new SwitchCommand())
              .addSubcommand(new SnapshotCommand())
              .addSubcommand(new DoctorCommand())
              .addSubcommand(new SetupMachineCommand())
              .addSubcommand(new KexecCommand())
              .addSubcommand(new ImageCommand())
              .addSubcommand(new KeyCommand())
              .addSubcommand(new StoreCommand())
              .addSubcommand(new CallCommand())
              .addSubcommand(new BiosCommand())
              .addSubcommand(new InitramfsCommand());
    }
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.registerConverter(Path.class, folder::resolve);
    line.setExecutionExceptionHandler(
        (error, failed, _) -> {
          ErrorReport report = ErrorReport.of(error, ErrorReport.About.of(failed.getCommandSpec()));
          report.print(failed.getErr());
          return report.exitCode();
        });
    return line;
  }

  /** Without a command: says what there is. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
