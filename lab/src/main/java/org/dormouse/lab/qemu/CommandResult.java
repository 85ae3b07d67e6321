package org.dormouse.lab.qemu;

/**
 * What a command in a guest came to.
 *
 * @param command as it was typed
 * @param status its exit status
 * @param output what it printed, lines ended by {@code \n}, without the last line end
 */
public record CommandResult(String command, int status, String output) {
  public boolean succeeded() {
    return status == 0;
  }
}
