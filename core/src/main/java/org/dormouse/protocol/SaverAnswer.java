package org.dormouse.protocol;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Report;

/** The lines of a saver's answer. What they hold is made fit for a line: no control characters. */
public final class SaverAnswer {
  static final String HAPPENED = "happened";
  static final String STATE = "state";
  static final String REMEDY = "remedy";

  /** What the saver's program printed before it died, many. */
  static final String PRINTED = "printed";

  /** The saver kernel's log, many. */
  static final String LOG = "log";

  /** Whether somebody wanted it not to be done. */
  private static final String CALLED_OFF = "called_off";

  private static final String JUMP_BACK_ENTRY = "jump_back_entry";
  private static final String WARM = "warm";
  private static final String YES = "yes";
  private static final String NO = "no";

  private SaverAnswer() {}

  /** It was not done; {@code report} says why. */
  public static KeyValues failed(Report report) {
    return KeyValues.empty()
        .with(HAPPENED, clean(report.happened()))
        .with(STATE, clean(report.state()))
        .with(REMEDY, clean(report.remedy()));
  }

  /** What went wrong, if the answer says so. */
  public static String happened(KeyValues answer) {
    return answer.find(HAPPENED).orElse("the saver does not say what went wrong");
  }

  /** It was not done, for somebody called it off, or its time was over; {@code report} says so. */
  public static KeyValues calledOff(Report report) {
    return failed(report).with(CALLED_OFF, YES);
  }

  static boolean isCalledOff(KeyValues answer) {
    return answer.find(CALLED_OFF).equals(Optional.of(YES));
  }

  /** The saver's program died; {@code printed} are its last words. */
  public static KeyValues died(LastWords printed) {
    return withAll(KeyValues.empty(), PRINTED, printed.told());
  }

  /** An answer, and lines of the saver kernel's log. */
  public static KeyValues withLog(KeyValues answer, List<String> log) {
    return withAll(answer, LOG, log);
  }

  /** An answer, and where the original kernel goes on: of use to who looks at each step. */
  public static KeyValues withJumpBackEntry(KeyValues answer, long entry) {
    return answer.withAddress(JUMP_BACK_ENTRY, entry);
  }

  /** Where the original kernel went on, if the answer says so; a physical address. */
  public static OptionalLong jumpBackEntry(KeyValues answer) {
    return answer.find(JUMP_BACK_ENTRY).isPresent()
        ? OptionalLong.of(answer.number(JUMP_BACK_ENTRY))
        : OptionalLong.empty();
  }

  /** An answer, and whether the saver can be entered again. */
  public static KeyValues withWarm(KeyValues answer, boolean warm) {
    return answer.with(WARM, warm ? YES : NO);
  }

  /** Whether an answer says that the saver can be entered again. */
  public static boolean isWarm(KeyValues answer) {
    return answer.find(WARM).equals(Optional.of(YES));
  }

  private static KeyValues withAll(KeyValues lines, String key, List<String> values) {
    KeyValues all = lines;
    for (String value : values) {
      all = all.with(key, clean(value));
    }
    return all;
  }

  private static String clean(String text) {
    return text.replaceAll("\\p{Cc}", " ");
  }
}
