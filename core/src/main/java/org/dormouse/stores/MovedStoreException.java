package org.dormouse.stores;

import org.dormouse.text.ReportException;

/**
 * A store that lies elsewhere than when it was made, for certain: what was written for the old
 * place is not in it.
 */
final class MovedStoreException extends ReportException {
  private static final long serialVersionUID = 1L;

  MovedStoreException(String happened, String state, String remedy) {
    super(happened, state, remedy);
  }
}
