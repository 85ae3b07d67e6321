/**
 * The keys of sealed images: {@link org.dormouse.seal.MachineKey}, with which a machine seals
 * without asking for anything; {@link org.dormouse.seal.WakeKey}, which opens what it has sealed
 * and lies in a key file or behind a passphrase; {@link org.dormouse.seal.ImageKey}, one for each
 * image; and {@link org.dormouse.seal.Envelope}, in which that lies in the store. {@code
 * docs/image-format.md} has every byte.
 *
 * <p>What is secret is in {@code LockedMemory}, never in a {@code String}, and wiped when it is
 * closed. What a wrong key and a forged envelope look like is decided here; what becomes of the
 * image then, is not.
 */
package org.dormouse.seal;
