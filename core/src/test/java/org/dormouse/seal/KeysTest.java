package org.dormouse.seal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.dormouse.text.KeyValues;
import org.junit.jupiter.api.Test;

class KeysTest {
  private static final UUID IMAGE = new UUID(1, 2);

  @Test
  void whatTheMachineSealsTheWakeKeyOpens() throws Exception {
    try (WakeKey wake = WakeKey.random();
        MachineKey machine = wake.machineKey(Optional.empty());
        ImageKey image = ImageKey.random()) {
      Envelope envelope = read(machine.seal(IMAGE, image));
      assertThat(wake.fits(envelope)).isTrue();
      try (ImageKey opened = wake.open(envelope, IMAGE).orElseThrow()) {
        assertThat(opened.bytes().mismatch(image.bytes())).isEqualTo(-1);
      }
      assertThat(wake.open(envelope, new UUID(1, 3))).isEmpty();
      assertThat(machine.seal(IMAGE, image).wrapped()).isNotEqualTo(envelope.wrapped());
    }
  }

  @Test
  void anotherWakeKeyDoesNotOpen() throws Exception {
    try (WakeKey wake = WakeKey.random();
        WakeKey other = WakeKey.random();
        MachineKey machine = wake.machineKey(Optional.empty());
        ImageKey image = ImageKey.random()) {
      Envelope envelope = machine.seal(IMAGE, image);
      assertThat(other.fits(envelope)).isFalse();
      assertThat(other.open(envelope, IMAGE)).isEmpty();
    }
  }

  /** Whoever has seen the public half could seal, but for the machine's secret. */
  @Test
  void thePublicHalfAloneDoesNotMakeAnImage() throws Exception {
    try (WakeKey wake = WakeKey.random();
        Arena arena = Arena.ofConfined();
        MachineKey forger = MachineKey.of(wake.publicKey(), arena.allocate(32), Optional.empty());
        ImageKey image = ImageKey.random()) {
      Envelope envelope = forger.seal(IMAGE, image);
      assertThat(wake.fits(envelope)).isTrue();
      assertThat(wake.open(envelope, IMAGE)).isEmpty();
    }
  }

  @Test
  void everyPartOfAnEnvelopeCounts() throws Exception {
    try (WakeKey wake = WakeKey.random();
        MachineKey machine = wake.machineKey(Optional.empty());
        ImageKey image = ImageKey.random()) {
      Envelope good = machine.seal(IMAGE, image);
      assertThat(wake.open(with(good, good.ephemeral(), flip(good.wrapped(), 0)), IMAGE)).isEmpty();
      assertThat(wake.open(with(good, good.ephemeral(), flip(good.wrapped(), 95)), IMAGE))
          .isEmpty();
      assertThat(wake.open(with(good, flip(good.ephemeral(), 5), good.wrapped()), IMAGE)).isEmpty();
      assertThat(wake.open(with(good, "00".repeat(32), good.wrapped()), IMAGE)).isEmpty();
    }
  }

  @Test
  void keyFilesComeBack() throws Exception {
    try (Arena arena = Arena.ofConfined();
        Passphrase passphrase = passphrase("correct horse");
        WakeKey wake = WakeKey.random();
        MachineKey machine = wake.machineKey(Optional.of(passphrase));
        ImageKey image = ImageKey.random()) {
      MemorySegment text = arena.allocate(WakeKey.FILE_BYTES);
      long length = wake.write(text);
      assertThat(new String(text.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), UTF_8))
          .matches("DORMKEY 1\npublic=[0-9a-f]{64}\nprivate=[0-9a-f]{64}\nmachine=[0-9a-f]{64}\n");
      MemorySegment machineText = arena.allocate(MachineKey.FILE_BYTES);
      long machineLength = machine.write(machineText);
      try (WakeKey again = WakeKey.read(text).orElseThrow();
          MachineKey machineAgain = MachineKey.read(machineText.asSlice(0, machineLength));
          ImageKey opened = again.open(machineAgain.seal(IMAGE, image), IMAGE).orElseThrow()) {
        assertThat(opened.bytes().mismatch(image.bytes())).isEqualTo(-1);
        assertThat(machineAgain.lock()).isEqualTo(machine.lock());
      }
    }
  }

  @Test
  void whatIsNoKeyFileIsToldFromADamagedOne() throws Exception {
    assertThat(WakeKey.read(text("DORMOUSE 3\nstate=EMPTY\n"))).isEmpty();
    assertThat(WakeKey.read(text(""))).isEmpty();
    for (String damaged :
        new String[] {
          "DORMKEY 1\n",
          "DORMKEY 1\nprivate=12\nmachine=34\n",
          "DORMKEY 1\nprivate=" + "0g".repeat(32) + "\nmachine=" + "00".repeat(32) + "\n",
          "DORMKEY 1\nprivate=" + "00".repeat(32) + "\nmachine=" + "00".repeat(31),
          "DORMKEY 1\nprivate=" + "00".repeat(33) + "\nmachine=" + "00".repeat(32)
        }) {
      assertThatIllegalArgumentException().isThrownBy(() -> WakeKey.read(text(damaged)));
      assertThatIllegalArgumentException().isThrownBy(() -> MachineKey.read(text(damaged)));
    }
  }

  @Test
  void aPassphraseOpensItsLockAndNoOtherDoes() throws Exception {
    try (WakeKey wake = WakeKey.random();
        Passphrase right = passphrase("pass phräse");
        Passphrase wrong = passphrase("pass phrase");
        MachineKey machine = wake.machineKey(Optional.of(right))) {
      PassphraseLock lock = machine.lock().orElseThrow();
      assertThat(PassphraseLock.parse(lock.text())).isEqualTo(lock);
      assertThat(lock.open(wrong)).isEmpty();
      try (WakeKey opened = lock.open(right).orElseThrow()) {
        assertThat(opened.bytes().mismatch(wake.bytes())).isEqualTo(-1);
      }
    }
  }

  /** RFC 9106 has vectors for four lanes only; what is ours here are the parameters. */
  @Test
  void theLockIsThatOfTheDocument() throws Exception {
    try (Arena arena = Arena.ofConfined();
        WakeKey wake = WakeKey.random();
        Passphrase passphrase = passphrase("x")) {
      PassphraseLock lock = PassphraseLock.of(wake, passphrase, 64, 1);
      byte[] key = new byte[32];
      Argon2BytesGenerator generator = new Argon2BytesGenerator();
      generator.init(
          new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
              .withVersion(0x13)
              .withMemoryAsKB(64)
              .withIterations(1)
              .withParallelism(1)
              .withSalt(HexFormat.of().parseHex(lock.salt()))
              .build());
      generator.generateBytes(new byte[] {'x'}, key);
      javax.crypto.Cipher cipher = javax.crypto.Cipher.getInstance("ChaCha20-Poly1305");
      cipher.init(
          javax.crypto.Cipher.DECRYPT_MODE,
          new javax.crypto.spec.SecretKeySpec(key, "ChaCha20"),
          new javax.crypto.spec.IvParameterSpec(new byte[12]));
      byte[] opened = cipher.doFinal(HexFormat.of().parseHex(lock.locked()));
      assertThat(wake.bytes().mismatch(arena.allocateFrom(ValueLayout.JAVA_BYTE, opened)))
          .isEqualTo(-1);
    }
  }

  @Test
  void figuresThatWouldStopTheMachineAreRefused() {
    String salt = "00".repeat(16);
    String locked = "00".repeat(80);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PassphraseLock(1 << 20, 1, salt, locked));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PassphraseLock(64, 1_000_000, salt, locked));
    assertThatIllegalArgumentException().isThrownBy(() -> new PassphraseLock(64, 1, "", locked));
  }

  private static Envelope with(Envelope envelope, String ephemeral, String wrapped) {
    return new Envelope(envelope.publicKey(), ephemeral, wrapped, envelope.lock());
  }

  private static Envelope read(Envelope envelope) {
    return Envelope.of(KeyValues.parse(envelope.lines().toString()));
  }

  private static String flip(String digits, int at) {
    char other = digits.charAt(at) == '0' ? '1' : '0';
    return digits.substring(0, at) + other + digits.substring(at + 1);
  }

  private static Passphrase passphrase(String text) throws IOException {
    Passphrase passphrase = Passphrase.empty();
    byte[] bytes = text.getBytes(UTF_8);
    passphrase.read(
        line -> {
          MemorySegment.copy(bytes, 0, line, ValueLayout.JAVA_BYTE, 0, bytes.length);
          return bytes.length;
        });
    return passphrase;
  }

  private static MemorySegment text(String text) {
    return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(UTF_8));
  }
}
