package org.dormouse.protocol;

import java.util.List;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** A saver came back without having done what it was asked for. */
public final class SaverFailure extends ReportException {
  private static final long serialVersionUID = 1L;

  private static final String GOES_ON = "The machine goes on as if nothing had happened.";

  /** Whether it would be of use to try again with another saver. */
  public enum Cause {
    /** Something went wrong in the saver. */
    FAULT,
    /** A person called it off, or its time was over. */
    CALLED_OFF,
    /** It came back without a word: something went wrong, or a person jumped from its shell. */
    SILENT
  }

  private final transient List<String> details;
  private final Cause why;

  private SaverFailure(Report report, List<String> details, Cause why) {
    super(report);
    this.details = List.copyOf(details);
    this.why = why;
  }

  private SaverFailure(Report report, List<String> details) {
    this(report, details, Cause.FAULT);
  }

  /** Whether something went wrong. */
  public Cause why() {
    return why;
  }

  /** What the saver's program printed, and its kernel's log: the newest lines. */
  public List<String> details() {
    return details;
  }

  /** The saver said why. */
  public static SaverFailure told(KeyValues lines) {
    return new SaverFailure(
        new Report(
            SaverAnswer.happened(lines),
            lines.find(SaverAnswer.STATE).map(state -> state + " " + GOES_ON).orElse(GOES_ON),
            lines.find(SaverAnswer.REMEDY).orElse("See the saver kernel's log below.")),
        details(lines),
        SaverAnswer.isCalledOff(lines) ? Cause.CALLED_OFF : Cause.FAULT);
  }

  /**
   * The saver kernel panicked, and the stub that it had loaded for that case came back.
   *
   * @param log what it printed
   */
  public static SaverFailure panicked(PanicLog log) {
    return new SaverFailure(
        new Report(
            "the saver kernel panicked" + log.cause().map(cause -> ": " + cause).orElse(""),
            GOES_ON,
            log.lines().isEmpty()
                ? "The saver's last lines on the console tell why."
                : "Its last lines are below; please report them."),
        log.lines());
  }

  /**
   * One of several kernels is gone.
   *
   * @param report what happened
   * @param log what it printed
   */
  public static SaverFailure kernelGone(Report report, PanicLog log) {
    return new SaverFailure(report, log.lines());
  }

  /** The saver's program died. */
  public static SaverFailure died(MailboxAnswer answer) {
    return new SaverFailure(
        new Report(
            "the saver's program died, exit code "
                + answer.exitCode()
                + signal(answer.exitCode())
                + cause(answer.lines()),
            GOES_ON,
            "What it printed is below; please report it."),
        details(answer.lines()));
  }

  /** The saver came back and left no answer. */
  public static SaverFailure silent() {
    return new SaverFailure(
        new Report(
            "the saver came back without an answer",
            GOES_ON,
            "The saver's last lines on the console tell why."),
        List.of(),
        Cause.SILENT);
  }

  private static String cause(KeyValues lines) {
    return new LastWords(lines.all(SaverAnswer.PRINTED))
        .cause()
        .map(cause -> ": " + cause)
        .orElse("");
  }

  private static List<String> details(KeyValues lines) {
    List<String> details = new java.util.ArrayList<>(lines.all(SaverAnswer.PRINTED));
    details.addAll(lines.all(SaverAnswer.LOG));
    return details;
  }

  /** A shell's exit code above 128 is that of a signal, {@code signal(7)}. */
  private static String signal(long exitCode) {
    return switch ((int) exitCode) {
      case 132 -> " (SIGILL: an instruction that this processor does not have)";
      case 134 -> " (SIGABRT)";
      case 135 -> " (SIGBUS)";
      case 137 -> " (SIGKILL: as the kernel does when memory runs out)";
      case 139 -> " (SIGSEGV)";
      default -> "";
    };
  }
}
