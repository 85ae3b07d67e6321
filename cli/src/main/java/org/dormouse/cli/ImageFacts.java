package org.dormouse.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.dormouse.image.ImageBody;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.WakeDescription;
import org.dormouse.memory.Pages;
import org.dormouse.text.Quantity;

/** What an image's header says, for people and for programs. */
record ImageFacts(ImageHeader header) {
  /** As members of a JSON object. */
  Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("state", header.state());
    figures.put("image", header.image().toString());
    figures.put("attempts", header.attempts());
    figures.put("restarts", header.restarts());
    figures.put("reason", header.reason());
    header.description().ifPresent(description -> put(figures, description));
    header.body().ifPresent(body -> put(figures, body));
    figures.put("sealed", header.seal().isPresent());
    header.seal().ifPresent(seal -> figures.put("cipher", name(seal.cipher())));
    return figures;
  }

  private static void put(Map<String, Object> figures, ImageDescription description) {
    figures.put("created", description.created().toString());
    figures.put("kernel_release", description.kernelRelease());
    figures.put("kernel_build_id", description.kernelBuildId());
    figures.put("store", description.storeName());
    figures.put("ram_pages", description.ramPages());
    description.wake().ifPresent(wake -> put(figures, wake));
  }

  private static void put(Map<String, Object> figures, WakeDescription wake) {
    figures.put("paging_levels", wake.pagingLevels());
    figures.put("region_start_address", wake.saverRegion().startAddress());
    figures.put("region_bytes", wake.saverRegion().bytes());
    figures.put("command_line", wake.commandLine());
  }

  /** The numbers of what an image is made of, as members of a JSON object. */
  static void put(Map<String, Object> figures, ImageBody body) {
    figures.put("saved_pages", body.savedPages());
    figures.put("zero_pages", body.zeroPages());
    figures.put("free_pages", body.freePages());
    figures.put("chunks", body.chunkCount());
    figures.put("image_bytes", body.imageBytes());
  }

  /** As lines. */
  void print(PrintWriter out) {
    line(out, "state", header.state());
    line(out, "image", header.image());
    line(out, "attempts", header.attempts());
    if (!header.reason().isEmpty()) {
      line(out, "reason", header.reason());
    }
    header.description().ifPresent(description -> print(out, description));
    header.body().ifPresent(body -> print(out, body));
    line(out, "sealed", header.seal().map(seal -> "with " + name(seal.cipher())).orElse("no"));
  }

  private static void print(PrintWriter out, ImageDescription description) {
    line(out, "created", description.created());
    line(out, "kernel", description.kernelRelease());
    line(out, "store", description.storeName());
    line(out, "memory", bytes(description.ramPages()));
    description.wake().ifPresent(wake -> print(out, wake));
  }

  private static void print(PrintWriter out, WakeDescription wake) {
    line(out, "paging", wake.pagingLevels() + " levels");
    line(out, "region", wake.saverRegion());
    line(out, "woken by", wake.commandLine());
  }

  private static void print(PrintWriter out, ImageBody body) {
    line(out, "saved", bytes(body.savedPages()) + " in " + Quantity.bytes(body.imageBytes()));
    line(out, "zero", bytes(body.zeroPages()));
    line(out, "free", bytes(body.freePages()));
  }

  private static String name(Enum<?> cipher) {
    return cipher.name().toLowerCase(Locale.ROOT);
  }

  private static String bytes(long pages) {
    return Quantity.bytes(Pages.address(pages));
  }

  private static void line(PrintWriter out, String name, Object value) {
    out.printf("%-9s %s%n", name, value);
  }
}
