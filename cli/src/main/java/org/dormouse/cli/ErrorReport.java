package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.dormouse.dump.CoreFormatException;
import org.dormouse.linux.Errno;
import org.dormouse.linux.LinuxException;
import org.dormouse.protocol.SaverFailure;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;
import org.dormouse.vmcore.VmcoreException;
import picocli.CommandLine.Model.CommandSpec;

/**
 * An error as a person reads it.
 *
 * @param report what happened, what state things are in, what to do
 * @param details lines that help to find the cause
 * @param exitCode see {@link ExitCode}
 */
public record ErrorReport(Report report, List<String> details, int exitCode) {
  /** What a command was about; and so, what state things are in when it fails. */
  enum About {
    /** This machine's sleep. */
    MACHINE(
        "The machine goes on running; nothing is loaded.",
        "Run it as root.",
        "'dormouse doctor' tells what this machine needs."),
    /** Files with memory in them. */
    FILES(
        "The files are as they were; a new one that was begun has been removed.",
        "Run it as somebody who may, or name another file.",
        "See whether the disk has room, and the kernel's log (dmesg) whether it has failed.");

    private final String state;
    private final String permission;
    private final String failure;

    About(String state, String permission, String failure) {
      this.state = state;
      this.permission = permission;
      this.failure = failure;
    }

    /** That of the command that is running. */
    static About of(CommandSpec command) {
      return command.qualifiedName(" ").contains(" " + ImageCommand.NAME + " ") ? FILES : MACHINE;
    }
  }

  /** Copies the details. */
  public ErrorReport {
    details = List.copyOf(details);
  }

  /**
   * Tells what {@code error} means. An error that nobody foresaw is a defect of Dormouse and is
   * said to be one.
   */
  static ErrorReport of(Throwable error, About about) {
    return switch (error) {
      case SaverFailure e -> new ErrorReport(e.report(), e.details(), ExitCode.UNAVAILABLE);
      case ReportException e -> new ErrorReport(e.report(), List.of(), exitCode(e));
      case AccessDeniedException e ->
          of("no permission for " + e.getFile(), about, about.permission, ExitCode.NO_PERMISSION);
      case NoSuchFileException e ->
          of("there is no " + e.getFile(), about, "Check the name.", ExitCode.UNAVAILABLE);
      case FileAlreadyExistsException e ->
          of(e.getFile() + " exists already", about, "Name another file.", ExitCode.UNAVAILABLE);
      case LinuxException e when isPermission(e) ->
          of(e.getMessage(), about, about.permission, ExitCode.NO_PERMISSION);
      case FileSystemException e -> of(e.getMessage(), about, "Mend the file system.", ExitCode.IO);
      case CoreFormatException e ->
          of(e.getMessage(), about, "Get a whole copy of the dump.", ExitCode.IO);
      case VmcoreException e ->
          of(
              e.getMessage(),
              about,
              "Get a whole copy of the dump. If it is one, its kernel is not known here: report that.",
              ExitCode.IO);
      case IOException e -> of(String.valueOf(e.getMessage()), about, about.failure, ExitCode.IO);
      default ->
          new ErrorReport(
              Report.defect("Dormouse", error, about.state), List.of(), ExitCode.SOFTWARE);
    };
  }

  private static ErrorReport of(String happened, About about, String remedy, int exitCode) {
    return new ErrorReport(new Report(happened, about.state, remedy), List.of(), exitCode);
  }

  private static int exitCode(ReportException e) {
    return switch (e.getCause()) {
      case LinuxException cause when isPermission(cause) -> ExitCode.NO_PERMISSION;
      case IOException _ -> ExitCode.IO;
      case null, default -> ExitCode.UNAVAILABLE;
    };
  }

  private static boolean isPermission(LinuxException e) {
    return e.errno() == Errno.EPERM || e.errno() == Errno.EACCES;
  }

  /** Prints the three parts, a line each, and the details behind. */
  public void print(PrintWriter out) {
    out.println("dormouse: " + report.happened());
    out.println("  state: " + report.state());
    out.println("  to do: " + report.remedy());
    details.forEach(line -> out.println("  | " + line));
    out.flush();
  }
}
