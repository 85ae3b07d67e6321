package org.dormouse.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.dormouse.image.ImageFormatException;
import org.dormouse.text.Report;

/**
 * The answer that an image is not good.
 *
 * @param store where it was looked for
 * @param why what is wrong with it
 */
record NotGood(Path store, ImageFormatException why) {
  /** Tells it; returns the exit code. */
  int tell(PrintWriter err) {
    new ErrorReport(
            new Report(
                store + ": " + why.getMessage(),
                "The store was not changed.",
                "An image that is not good is not woken; the machine boots normally."),
            List.of(),
            ExitCode.NO)
        .print(err);
    return ExitCode.NO;
  }
}
