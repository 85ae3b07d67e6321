package org.dormouse.vmcore;

/** What the original kernel counts on finding in its free pages when it wakes. */
public enum FreePages {
  /** Anything: they are cleared or overwritten when they are allocated. */
  ANY,

  /** Zeros: {@code init_on_free=1}, which spares clearing them when they are allocated. */
  ZERO,

  /** What was there: a pattern that is checked, such as {@code page_poison=1}. */
  SAVED
}
