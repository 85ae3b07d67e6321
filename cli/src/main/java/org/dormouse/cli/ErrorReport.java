package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.dormouse.linux.Errno;
import org.dormouse.linux.LinuxException;
import org.dormouse.sleep.SleepException;
import org.dormouse.store.StoreException;

/**
 * An error as a person reads it.
 *
 * @param what what happened
 * @param state what state things are in
 * @param remedy what to do
 * @param exitCode see {@link ExitCode}
 */
public record ErrorReport(String what, String state, String remedy, int exitCode) {
  private static final String UNTOUCHED = "The machine goes on running; nothing is loaded.";

  /**
   * Tells what {@code error} means. An error that nobody foresaw is a defect of Dormouse and is
   * said to be one.
   */
  public static ErrorReport of(Throwable error) {
    return switch (error) {
      case SleepException e ->
          new ErrorReport(e.getMessage(), e.state(), e.remedy(), ExitCode.UNAVAILABLE);
      case StoreException e -> new ErrorReport(e.happened(), e.state(), e.remedy(), ExitCode.IO);
      case AccessDeniedException e ->
          new ErrorReport(
              "no permission for " + e.getFile(),
              UNTOUCHED,
              "Run it as root.",
              ExitCode.NO_PERMISSION);
      case NoSuchFileException e ->
          new ErrorReport(
              "there is no " + e.getFile(), UNTOUCHED, "Check the name.", ExitCode.UNAVAILABLE);
      case LinuxException e when e.errno() == Errno.EPERM || e.errno() == Errno.EACCES ->
          new ErrorReport(e.getMessage(), UNTOUCHED, "Run it as root.", ExitCode.NO_PERMISSION);
      case FileSystemException e ->
          new ErrorReport(e.toString(), UNTOUCHED, "Mend the file system.", ExitCode.IO);
      case IOException e ->
          new ErrorReport(
              String.valueOf(e.getMessage()),
              UNTOUCHED,
              "'dormouse doctor' tells what this machine needs.",
              ExitCode.IO);
      default ->
          new ErrorReport(
              "a defect in Dormouse: " + error + at(error),
              UNTOUCHED,
              "Please report it with this line.",
              ExitCode.SOFTWARE);
    };
  }

  /** Prints the three parts, a line each. */
  public void print(PrintWriter out) {
    out.println("dormouse: " + what);
    out.println("  state: " + state);
    out.println("  to do: " + remedy);
    out.flush();
  }

  private static String at(Throwable error) {
    StackTraceElement[] trace = error.getStackTrace();
    return trace.length == 0 ? "" : " at " + trace[0];
  }
}
