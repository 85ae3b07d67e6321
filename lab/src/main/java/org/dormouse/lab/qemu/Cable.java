package org.dormouse.lab.qemu;

import java.nio.file.Path;

/**
 * Between a machine's network card and a {@link Network}: two sockets for datagrams, an Ethernet
 * frame each. A machine that is switched off loses what is sent to it meanwhile, as on a real
 * cable.
 *
 * @param card QEMU's name for the card: {@code virtio-net-pci}
 * @param machine the machine's socket, made anew at each power-on
 * @param network the network's
 */
public record Cable(String card, Path machine, Path network) {}
