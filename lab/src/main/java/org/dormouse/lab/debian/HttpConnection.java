package org.dormouse.lab.debian;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One TCP connection to the guest's web server, over which one request follows the other. The
 * answer is what the server knows of the connection.
 */
public final class HttpConnection implements AutoCloseable {
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: debian\r\n\r\n";
  private static final String LENGTH = "content-length:";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Socket socket;
  private final BufferedReader answers;

  private HttpConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.answers =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
  }

  /**
   * What the server says.
   *
   * @param connection its number for the connection
   * @param requests how many came over that, this one included
   * @param pid the process that answers
   */
  public record Answer(long connection, long requests, long pid) {
    static Answer parse(String body) throws IOException {
      String[] numbers = body.strip().split(" ", -1);
      if (numbers.length != 3) {
        throw new IOException("the web server answered «" + body.strip() + "»");
      }
      return new Answer(
          Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
    }
  }

  static HttpConnection open(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    return new HttpConnection(socket);
  }

  /** Asks once more, over the same connection. */
  public Answer ask() throws IOException {
    socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
    String status = line();
    if (!status.contains(" 200 ")) {
      throw new IOException("the web server answered " + status);
    }
    int length = 0;
    for (String header = line(); !header.isEmpty(); header = line()) {
      if (header.regionMatches(true, 0, LENGTH, 0, LENGTH.length())) {
        length = Integer.parseInt(header.substring(LENGTH.length()).strip());
      }
    }
    char[] body = new char[length];
    for (int at = 0; at < length; ) {
      int got = answers.read(body, at, length - at);
      if (got < 0) {
        throw closed();
      }
      at += got;
    }
    return Answer.parse(new String(body));
  }

  private String line() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw closed();
    }
    return line;
  }

  private static IOException closed() {
    return new IOException("the web server closed the connection");
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
