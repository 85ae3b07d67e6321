package org.dormouse.lab.qemu;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * A client of QEMU's monitor, in its protocol QMP: a JSON object a line, each command answered by
 * one, with events in between that are of no interest here.
 */
final class MonitorClient implements Closeable {
  private final SocketChannel channel;
  private final BufferedReader answers;

  private MonitorClient(SocketChannel channel) {
    this.channel = channel;
    this.answers = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
  }

  /** Connects, and agrees on the protocol. The monitor serves one client at a time. */
  static MonitorClient connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      MonitorClient client = new MonitorClient(channel);
      client.readObject(); // the greeting
      client.execute("qmp_capabilities", Map.of());
      return client;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Lets QEMU do something and waits until it has.
   *
   * @return what QEMU answers, mostly an empty object
   * @throws IOException with QEMU's words if it would not
   */
  JsonElement execute(String command, Map<String, ?> arguments) throws IOException {
    send(request(command, arguments));
    while (true) {
      JsonObject answer = readObject();
      if (answer.has("error")) {
        String why = answer.getAsJsonObject("error").get("desc").getAsString();
        throw new IOException("QEMU does not do «" + command + "»: " + why);
      }
      if (answer.has("return")) {
        return answer.get("return");
      }
    }
  }

  /** A command as it goes over the wire. */
  static String request(String command, Map<String, ?> arguments) {
    JsonObject request = new JsonObject();
    request.addProperty("execute", command);
    if (!arguments.isEmpty()) {
      request.add("arguments", new Gson().toJsonTree(arguments));
    }
    return request.toString();
  }

  private void send(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private JsonObject readObject() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("QEMU closed its monitor");
    }
    return JsonParser.parseString(line).getAsJsonObject();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
