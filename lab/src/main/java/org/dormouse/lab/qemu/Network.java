package org.dormouse.lab.qemu;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A network that goes on while its machine is off: the host at 10.0.2.2, the machine at 10.0.2.15,
 * and ports of the host's that lead there. TCP connections through these last over a power-off: who
 * waits at the host's end sees nothing but a pause.
 *
 * <p>It is a QEMU process without a machine, for a machine's own QEMU would take the connections
 * with it.
 */
public final class Network implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(20);

  private final QemuProcess process;
  private final Cable cable;
  private final Map<Integer, Integer> hostPorts;

  private Network(QemuProcess process, Cable cable, Map<Integer, Integer> hostPorts) {
    this.process = process;
    this.cable = cable;
    this.hostPorts = Map.copyOf(hostPorts);
  }

  /**
   * Starts one.
   *
   * @param folder an existing folder for its files
   * @param guestPorts ports of the machine's that are to be reached from the host
   */
  public static Network start(Path folder, List<Integer> guestPorts)
      throws IOException, InterruptedException {
    Cable cable =
        new Cable(
            "virtio-net-pci",
            MachineFiles.socket("machine-net.sock", folder),
            MachineFiles.socket("network.sock", folder));
    Map<Integer, Integer> hostPorts = freePorts(guestPorts);
    Map<Integer, Integer> ports = new HashMap<>();
    hostPorts.forEach((guest, host) -> ports.put(host, guest));
    Path errors = folder.resolve("network.qemu.log");
    QemuProcess process =
        QemuProcess.start(
            "network", QemuCommand.ofNetwork(cable, ports), errors, QemuProcess.UNHEARD);
    Network network = new Network(process, cable, hostPorts);
    network.awaitStart(errors);
    return network;
  }

  /** A free port of the host's for each of the guest's; all are held until the last is found. */
  private static Map<Integer, Integer> freePorts(List<Integer> guestPorts) throws IOException {
    Map<Integer, Integer> ports = new HashMap<>();
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int guestPort : guestPorts) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        held.add(socket);
        ports.put(guestPort, socket.getLocalPort());
      }
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
    return ports;
  }

  private void awaitStart(Path errors) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START.toNanos();
    while (!Files.exists(cable.network())) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        close();
        throw new IOException("the network did not start: " + Files.readString(errors).strip());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** What a machine is connected by. */
  public Cable cable() {
    return cable;
  }

  /** The port of the host's loopback address that leads to a port of the machine's. */
  public int hostPort(int guestPort) {
    return hostPorts.get(guestPort);
  }

  /** Takes the network away, and with it all connections. */
  @Override
  public void close() throws IOException {
    process.close();
    Files.deleteIfExists(cable.network());
    Files.deleteIfExists(cable.machine());
  }
}
