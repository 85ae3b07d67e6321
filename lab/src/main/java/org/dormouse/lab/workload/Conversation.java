package org.dormouse.lab.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * One side of a conversation over TCP with another process. This side says {@code ping 1}, {@code
 * ping 2} …, the other answers with numbers of its own: {@code pong 1}, {@code pong 2} … Each
 * checks that no number of the other's is lost, repeated or out of order; the other side says
 * {@code broken} if it finds one.
 */
final class Conversation implements Runnable {
  private static final long PERIOD_MILLIS = 100;

  private final int port;
  private volatile long sent;
  private volatile long received;
  private volatile String state = "waiting";

  Conversation(int port) {
    this.port = port;
  }

  /** Numbers sent. */
  long sent() {
    return sent;
  }

  /** Numbers received, all in order. */
  long received() {
    return received;
  }

  /** {@code waiting} for the other side, {@code alive}, or what went wrong. */
  String state() {
    return state;
  }

  @Override
  public void run() {
    try (ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        Socket socket = server.accept()) {
      state = "alive";
      converse(
          socket.getOutputStream(),
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      state = new StringBuilder("broken: ").append(e.getMessage()).toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void converse(OutputStream out, BufferedReader in)
      throws IOException, InterruptedException {
    for (long number = 1; ; number++) {
      String ping = new StringBuilder("ping ").append(number).append('\n').toString();
      out.write(ping.getBytes(StandardCharsets.US_ASCII));
      sent = number;
      String answer = in.readLine();
      String expected = new StringBuilder("pong ").append(number).toString();
      if (!expected.equals(answer)) {
        throw new IOException(
            new StringBuilder("expected ")
                .append(expected)
                .append(", got ")
                .append(answer)
                .toString());
      }
      received = number;
      Thread.sleep(PERIOD_MILLIS);
    }
  }
}
