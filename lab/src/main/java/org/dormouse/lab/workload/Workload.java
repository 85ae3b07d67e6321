package org.dormouse.lab.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The Java process of the workload. It does its work and answers questions on a port of the
 * loopback interface: one line of question for each connection, and lines {@code name=value} in
 * answer.
 *
 * <ul>
 *   <li>{@code fill BYTES} fills that much more memory,
 *   <li>{@code verify} looks at every page that was filled,
 *   <li>{@code status} tells all counters,
 *   <li>{@code plant NUMBER} writes it to a page of its own,
 *   <li>{@code end} ends the process.
 * </ul>
 */
public final class Workload {
  /** Where questions are answered. */
  public static final int PORT = 7001;

  /** Where the other side of the conversation has to connect. */
  public static final int CONVERSATION_PORT = 7002;

  private final FilledMemory memory;
  private final Ticker ticker = new Ticker();
  private final GrowingFile file;
  private final PlantedValue planted = new PlantedValue();
  private final Conversation conversation = new Conversation(CONVERSATION_PORT);

  private Workload(long seed, Path file) {
    this.memory = new FilledMemory(new PageContent(seed));
    this.file = new GrowingFile(file);
  }

  /**
   * Works until it is killed.
   *
   * @param arguments the seed, and the file that is to grow
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Workload workload = new Workload(Long.parseLong(arguments[0]), Path.of(arguments[1]));
    start("ticker", workload.ticker);
    start("file", workload.file);
    start("conversation", workload.conversation);
    workload.serve();
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void serve() throws IOException, InterruptedException {
    try (ServerSocket server = new ServerSocket(PORT, 5, InetAddress.getLoopbackAddress())) {
      boolean goOn = true;
      while (goOn) {
        try (Socket socket = server.accept()) {
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
          String question = in.readLine();
          goOn = !"end".equals(question);
          String answer = answer(question == null ? "" : question.trim());
          socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        }
      }
    }
  }

  private String answer(String question) throws IOException, InterruptedException {
    if (question.startsWith("fill ")) {
      memory.grow(Long.parseLong(question.substring("fill ".length())));
      return line("filled_bytes", memory.bytes());
    }
    if (question.startsWith("plant ")) {
      long value = Long.parseLong(question.substring("plant ".length()));
      planted.set(value);
      return line("planted", value);
    }
    if (question.equals("verify")) {
      return line("wrong_pages", memory.wrongPages())
          + line("checked_pages", memory.bytes() / PageContent.BYTES);
    }
    if (question.equals("status")) {
      return status();
    }
    return question.equals("end") ? "" : line("error", "what does this mean: " + question);
  }

  private String status() {
    return new StringBuilder()
        .append(line("java_pid", ProcessHandle.current().pid()))
        .append(line("filled_bytes", memory.bytes()))
        .append(line("ticks", ticker.ticks()))
        .append(line("clock_errors", ticker.clockErrors()))
        .append(line("file_lines", file.lines()))
        .append(line("sent", conversation.sent()))
        .append(line("received", conversation.received()))
        .append(line("conversation", conversation.state()))
        .toString();
  }

  private static String line(String name, Object value) {
    return new StringBuilder(name).append('=').append(value).append('\n').toString();
  }
}
