package org.dormouse.mailbox;

/** What became of a request. */
public enum MailboxStatus {
  /** Nothing is known: the saver has not come to answer. */
  NONE(0),
  /** It was done, and the original kernel goes on. */
  DONE(1),
  /** It could not be done; the answer says why. */
  FAILED(2),
  /** The machine slept, and was woken. */
  AWAKE(3),
  /** The saver kernel panicked: written by a stub, there is no answer. */
  PANICKED(4),
  /** The saver's program died: written by a script, there is no answer but an exit code. */
  AGENT_DIED(5);

  private final long code;

  MailboxStatus(long code) {
    this.code = code;
  }

  /** The number that stands for it in the mailbox. */
  public long code() {
    return code;
  }

  static MailboxStatus of(long code) {
    for (MailboxStatus status : values()) {
      if (status.code == code) {
        return status;
      }
    }
    return NONE;
  }
}
