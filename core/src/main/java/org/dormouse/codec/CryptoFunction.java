package org.dormouse.codec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * The functions of libcrypto in use, called like those of {@link CFunction}. The library is loaded
 * when the first of them is, which is never where nothing is sealed.
 *
 * <p>Signatures are those of OpenSSL 3.0, {@code include/openssl/evp.h} and {@code crypto.h}. What
 * returns an {@code int} has it in the low half of the word.
 */
enum CryptoFunction {
  /** {@code int (uint64_t options, const OPENSSL_INIT_SETTINGS*)}. */
  INIT("OPENSSL_init_crypto"),
  /** {@code EVP_CIPHER* (OSSL_LIB_CTX*, const char* algorithm, const char* properties)}. */
  CIPHER_FETCH("EVP_CIPHER_fetch"),
  /** {@code void (EVP_CIPHER*)}. */
  CIPHER_FREE("EVP_CIPHER_free"),
  /** {@code EVP_CIPHER_CTX* (void)}. */
  CIPHER_CONTEXT_NEW("EVP_CIPHER_CTX_new"),
  /** {@code void (EVP_CIPHER_CTX*)}; wipes it. */
  CIPHER_CONTEXT_FREE("EVP_CIPHER_CTX_free"),
  /** {@code int (ctx, cipher, key, iv, int encrypt, params)}. */
  CIPHER_INIT("EVP_CipherInit_ex2"),
  /** {@code int (ctx, out, int* outLength, in, int inLength)}. */
  CIPHER_UPDATE("EVP_CipherUpdate"),
  /** {@code int (ctx, out, int* outLength)}; 0 if the tag is wrong. */
  CIPHER_FINAL("EVP_CipherFinal_ex"),
  /** {@code int (ctx, int type, int argument, void*)}. */
  CIPHER_CONTROL("EVP_CIPHER_CTX_ctrl"),
  /** {@code EVP_PKEY* (int type, ENGINE*, const unsigned char* key, size_t)}. */
  PRIVATE_KEY("EVP_PKEY_new_raw_private_key"),
  /** {@code EVP_PKEY* (int type, ENGINE*, const unsigned char* key, size_t)}. */
  PUBLIC_KEY("EVP_PKEY_new_raw_public_key"),
  /** {@code int (EVP_PKEY*, unsigned char* key, size_t* length)}. */
  PUBLIC_KEY_BYTES("EVP_PKEY_get_raw_public_key"),
  /** {@code void (EVP_PKEY*)}; wipes it. */
  KEY_FREE("EVP_PKEY_free"),
  /** {@code EVP_PKEY_CTX* (EVP_PKEY*, ENGINE*)}. */
  KEY_CONTEXT_NEW("EVP_PKEY_CTX_new"),
  /** {@code void (EVP_PKEY_CTX*)}. */
  KEY_CONTEXT_FREE("EVP_PKEY_CTX_free"),
  /** {@code int (EVP_PKEY_CTX*)}. */
  DERIVE_INIT("EVP_PKEY_derive_init"),
  /** {@code int (EVP_PKEY_CTX*, EVP_PKEY* peer)}. */
  DERIVE_SET_PEER("EVP_PKEY_derive_set_peer"),
  /** {@code int (EVP_PKEY_CTX*, unsigned char* key, size_t* length)}. */
  DERIVE("EVP_PKEY_derive"),
  /** {@code EVP_KDF* (OSSL_LIB_CTX*, const char* algorithm, const char* properties)}. */
  KDF_FETCH("EVP_KDF_fetch"),
  /** {@code void (EVP_KDF*)}. */
  KDF_FREE("EVP_KDF_free"),
  /** {@code EVP_KDF_CTX* (EVP_KDF*)}. */
  KDF_CONTEXT_NEW("EVP_KDF_CTX_new"),
  /** {@code void (EVP_KDF_CTX*)}; wipes it. */
  KDF_CONTEXT_FREE("EVP_KDF_CTX_free"),
  /** {@code int (EVP_KDF_CTX*, unsigned char* key, size_t length, const OSSL_PARAM*)}. */
  KDF_DERIVE("EVP_KDF_derive");

  /** {@code OPENSSL_INIT_NO_LOAD_CONFIG}: what a machine's openssl.cnf says is not for us. */
  private static final long NO_CONFIGURATION = 0x80;

  /** {@code OPENSSL_INIT_NO_ATEXIT}: a process that ends is gone. */
  private static final long NO_EXIT_HANDLER = 0x80000;

  @SuppressWarnings("ImmutableEnumChecker") // an address of code, which nobody writes to
  private final MemorySegment function;

  static {
    if ((int)
            CFunction.call(
                INIT.function,
                CFunction.number(NO_CONFIGURATION | NO_EXIT_HANDLER),
                MemorySegment.NULL,
                MemorySegment.NULL,
                MemorySegment.NULL,
                0,
                0)
        != 1) {
      throw new IllegalStateException("libcrypto does not start");
    }
  }

  CryptoFunction(String symbol) {
    function = Library.FUNCTIONS.findOrThrow(symbol);
  }

  /** Loaded with the first function. */
  private static final class Library {
    static final SymbolLookup FUNCTIONS = NativeLibrary.crypto();
  }

  /** Calls and returns what the function returned. */
  long call(
      MemorySegment first,
      MemorySegment second,
      MemorySegment third,
      MemorySegment fourth,
      long fifth) {
    return CFunction.call(function, first, second, third, fourth, fifth, 0);
  }

  long call(MemorySegment first, MemorySegment second, MemorySegment third) {
    return call(first, second, third, MemorySegment.NULL, 0);
  }

  long call(MemorySegment first) {
    return call(first, MemorySegment.NULL, MemorySegment.NULL);
  }

  /** Calls what returns 1 if it worked. */
  void must(
      MemorySegment first,
      MemorySegment second,
      MemorySegment third,
      MemorySegment fourth,
      long fifth) {
    if ((int) call(first, second, third, fourth, fifth) != 1) {
      throw failed();
    }
  }

  void must(MemorySegment first, MemorySegment second, MemorySegment third) {
    must(first, second, third, MemorySegment.NULL, 0);
  }

  /** Calls what returns an object, or NULL if it failed. */
  MemorySegment make(MemorySegment first, MemorySegment second, MemorySegment third, long fourth) {
    long address = call(first, second, third, CFunction.number(fourth), 0);
    if (address == 0) {
      throw failed();
    }
    return MemorySegment.ofAddress(address);
  }

  private IllegalStateException failed() {
    return new IllegalStateException(name() + " of libcrypto failed");
  }
}
