package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.dormouse.linux.Errno;
import org.dormouse.linux.LinuxException;
import org.dormouse.protocol.SaverFailure;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * An error as a person reads it.
 *
 * @param report what happened, what state things are in, what to do
 * @param details lines that help to find the cause
 * @param exitCode see {@link ExitCode}
 */
public record ErrorReport(Report report, List<String> details, int exitCode) {
  private static final String UNTOUCHED = "The machine goes on running; nothing is loaded.";

  /** Copies the details. */
  public ErrorReport {
    details = List.copyOf(details);
  }

  /**
   * Tells what {@code error} means. An error that nobody foresaw is a defect of Dormouse and is
   * said to be one.
   */
  public static ErrorReport of(Throwable error) {
    return switch (error) {
      case SaverFailure e -> new ErrorReport(e.report(), e.details(), ExitCode.UNAVAILABLE);
      case ReportException e -> new ErrorReport(e.report(), List.of(), exitCode(e));
      case AccessDeniedException e ->
          of("no permission for " + e.getFile(), "Run it as root.", ExitCode.NO_PERMISSION);
      case NoSuchFileException e ->
          of("there is no " + e.getFile(), "Check the name.", ExitCode.UNAVAILABLE);
      case LinuxException e when isPermission(e) ->
          of(e.getMessage(), "Run it as root.", ExitCode.NO_PERMISSION);
      case FileSystemException e -> of(e.toString(), "Mend the file system.", ExitCode.IO);
      case IOException e ->
          of(
              String.valueOf(e.getMessage()),
              "'dormouse doctor' tells what this machine needs.",
              ExitCode.IO);
      default ->
          new ErrorReport(
              Report.defect("Dormouse", error, UNTOUCHED), List.of(), ExitCode.SOFTWARE);
    };
  }

  private static ErrorReport of(String happened, String remedy, int exitCode) {
    return new ErrorReport(new Report(happened, UNTOUCHED, remedy), List.of(), exitCode);
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
