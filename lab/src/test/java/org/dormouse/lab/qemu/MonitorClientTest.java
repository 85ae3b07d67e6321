package org.dormouse.lab.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MonitorClientTest {
  private static final String GREETING = "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\n";
  private static final String DONE = "{\"return\": {}}\n";

  @TempDir private Path folder;

  /** What a client says to a monitor that gives these answers, one to each command. */
  private List<String> said(List<String> answers, Map<String, String> arguments)
      throws IOException, InterruptedException {
    Path socket = folder.resolve("monitor");
    List<String> said = new CopyOnWriteArrayList<>();
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread monitor = Thread.ofVirtual().start(() -> serve(server, answers, said));
      try (MonitorClient client = MonitorClient.connect(socket)) {
        client.execute("device_add", arguments);
      }
      monitor.join();
    }
    return said;
  }

  private static void serve(ServerSocketChannel server, List<String> answers, List<String> said) {
    try (SocketChannel channel = server.accept();
        BufferedReader in =
            new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
      channel.write(ByteBuffer.wrap(GREETING.getBytes(StandardCharsets.UTF_8)));
      for (String answer : answers) {
        said.add(in.readLine());
        channel.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
      }
    } catch (IOException e) {
      said.add(e.toString());
    }
  }

  @Test
  void agreesOnTheProtocolThenSaysWhatIsToBeDone() throws Exception {
    String event = "{\"event\": \"RESUME\", \"timestamp\": {}}\n";
    assertThat(said(List.of(DONE, event + DONE), Map.of("driver", "a \"b\"")))
        .containsExactly(
            "{\"execute\":\"qmp_capabilities\"}",
            "{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"a \\\"b\\\"\"}}");
  }

  @Test
  void aRefusalIsInQemusWords() {
    String refusal =
        "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Bus 'x' not found\"}}\n";
    assertThatThrownBy(() -> said(List.of(DONE, refusal), Map.of()))
        .hasMessageContaining("device_add")
        .hasMessageContaining("Bus 'x' not found");
  }
}
