package org.dormouse.mailbox;

import org.dormouse.text.KeyValues;

/**
 * What the original kernel asks for.
 *
 * @param sequence counts the requests of a mailbox; each has a higher number than those before
 * @param lines the details
 */
public record MailboxRequest(long sequence, KeyValues lines) {}
