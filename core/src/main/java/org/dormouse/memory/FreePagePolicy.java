package org.dormouse.memory;

/** What a kernel counts on finding in its free pages when it wakes. */
public enum FreePagePolicy {
  /** Nothing: they may hold anything. */
  ANY,
  /** Zeros. */
  ZERO,
  /** What it left in them: they have to be saved like others. */
  SAVED
}
