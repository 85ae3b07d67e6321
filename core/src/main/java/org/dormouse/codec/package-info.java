/**
 * What turns bytes into other bytes, or into a figure that tells them apart: LZ4, Zstandard, XXH64,
 * the comparison of memory, the checksum of POSIX; and libcrypto's ciphers and key exchange, for
 * what is sealed.
 *
 * <p>Next to {@code org.dormouse.linux} this is the one place that calls native code. It makes no
 * system call and keeps nothing: native memory in, native memory out.
 */
package org.dormouse.codec;
