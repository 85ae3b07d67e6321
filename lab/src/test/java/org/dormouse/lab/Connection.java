package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.dormouse.lab.demo.Scenario;

/**
 * A TCP connection from a guest to this process, through the guest's first network card. The guest
 * counts in it, ten times a second.
 */
final class Connection implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** So many more numbers show that it lives. */
  private static final long FEW = 5;

  private final ServerSocket server;
  private final Socket socket;
  private final AtomicLong last = new AtomicLong();

  private Connection(ServerSocket server, Socket socket) {
    this.server = server;
    this.socket = socket;
    Thread.ofPlatform().daemon(true).name("connection").start(this::listen);
  }

  /** Has the guest connect. */
  static Connection of(Scenario scenario) throws Exception {
    ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    server.setSoTimeout((int) PATIENCE.toMillis());
    scenario.shell().check("ifconfig eth0 10.0.2.15 up", PATIENCE);
    // A card takes seconds to have a link, and nobody answers before.
    scenario
        .shell()
        .check("until grep -q 1 /sys/class/net/eth0/carrier; do sleep 0.2; done", PATIENCE);
    String counting = "(n=0; while :; do n=$((n+1)); echo $n; sleep 0.1; done)";
    scenario
        .shell()
        .check(
            counting + " | nc 10.0.2.2 " + server.getLocalPort() + " >/dev/null 2>&1 &", PATIENCE);
    return new Connection(server, server.accept());
  }

  private void listen() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!last.compareAndSet(Long.parseLong(line) - 1, Long.parseLong(line))) {
          throw new IOException(line + " came after " + last);
        }
      }
    } catch (IOException e) {
      // Whoever waits for numbers sees that none come.
      if (!socket.isClosed()) {
        System.out.println("the connection ended: " + e.getMessage());
      }
    }
  }

  /** Fails if no more numbers come, each after the one before. */
  void check() throws InterruptedException {
    long before = last.get();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (last.get() < before + FEW && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
    assertThat(last.get()).as("numbers over the network").isGreaterThanOrEqualTo(before + FEW);
  }

  @Override
  public void close() throws IOException {
    socket.close();
    server.close();
  }
}
