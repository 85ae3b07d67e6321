package org.dormouse.text;

import java.io.IOException;

/** Something that could not be done, told in the three parts of a {@link Report}. */
public class ReportException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Report report;

  /** A failure without a cause of its own. */
  public ReportException(Report report) {
    super(report.happened());
    this.report = report;
  }

  /** The same with the error underneath. */
  public ReportException(Report report, Throwable cause) {
    super(report.happened(), cause);
    this.report = report;
  }

  /** A failure in three parts: see {@link Report}. */
  public ReportException(String happened, String state, String remedy) {
    this(new Report(happened, state, remedy));
  }

  /** The three parts. */
  public Report report() {
    return report;
  }
}
