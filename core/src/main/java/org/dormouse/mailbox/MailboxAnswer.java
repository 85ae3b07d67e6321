package org.dormouse.mailbox;

import org.dormouse.text.KeyValues;

/**
 * What the saver answered.
 *
 * @param sequence the number of the request that it answers
 * @param status what became of the request
 * @param exitCode of the saver's program, if it died
 * @param lines the details
 */
public record MailboxAnswer(long sequence, MailboxStatus status, long exitCode, KeyValues lines) {}
