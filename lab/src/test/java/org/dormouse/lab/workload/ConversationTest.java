package org.dormouse.lab.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConversationTest {
  private static final int PORT = 27_002;

  private final Conversation conversation = new Conversation(PORT);
  private final Thread thread = new Thread(conversation, "conversation");
  private Socket peer;
  private BufferedReader in;

  @BeforeEach
  void meet() throws Exception {
    thread.setDaemon(true);
    thread.start();
    peer = connect();
    in =
        new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.US_ASCII));
  }

  private static Socket connect() throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (true) {
      try {
        return new Socket(InetAddress.getLoopbackAddress(), PORT);
      } catch (ConnectException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(10);
      }
    }
  }

  @AfterEach
  void part() throws Exception {
    peer.close();
    thread.join();
  }

  private void answer(String line) throws IOException {
    peer.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  @Test
  void numbersInOrderKeepItAlive() throws Exception {
    for (int i = 1; i <= 3; i++) {
      assertThat(in.readLine()).isEqualTo("ping " + i);
      answer("pong " + i);
    }
    await(() -> conversation.received() == 3);
    assertThat(conversation.state()).isEqualTo("alive");
  }

  @Test
  void aLostNumberIsNoticed() throws Exception {
    in.readLine();
    answer("pong 2");
    await(() -> conversation.state().startsWith("broken"));
    assertThat(conversation.state()).contains("expected pong 1, got pong 2");
  }

  @Test
  void whatTheOtherSideNoticedIsPassedOn() throws Exception {
    in.readLine();
    answer("broken: expected ping 2, got ping 1");
    await(() -> conversation.state().startsWith("broken"));
    assertThat(conversation.state()).contains("expected ping 2, got ping 1");
  }
}
