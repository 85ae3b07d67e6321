package org.dormouse.dump;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An ELF core, written by the specification alone and not by the classes that are tested. */
public final class ElfBytes {
  private static final int EHDR = 64;
  private static final int PHDR = 56;

  private record Segment(int type, long virtual, long physical, String contents, long memory) {}

  private final List<Segment> segments = new ArrayList<>();
  private int machine = 62;
  private int padding;

  public ElfBytes note(String name, String contents) {
    byte[] text = contents.getBytes(StandardCharsets.US_ASCII);
    int nameBytes = name.length() + 1;
    ByteBuffer note =
        ByteBuffer.allocate(12 + padded(nameBytes) + padded(text.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    note.putInt(nameBytes)
        .putInt(text.length)
        .putInt(0)
        .put(name.getBytes(StandardCharsets.US_ASCII));
    note.position(12 + padded(nameBytes)).put(text);
    segments.add(new Segment(4, 0, 0, text(note.array()), 0));
    return this;
  }

  public ElfBytes load(long physical, long virtual, byte[] contents) {
    return load(physical, virtual, contents, contents.length);
  }

  /** A load with more memory than contents. */
  public ElfBytes load(long physical, long virtual, byte[] contents, long memory) {
    segments.add(new Segment(1, virtual, physical, text(contents), memory));
    return this;
  }

  public ElfBytes forMachine(int number) {
    machine = number;
    return this;
  }

  /** The contents begin this many bytes after the headers, so that nothing is aligned. */
  public ElfBytes padded(byte bytes) {
    padding = bytes;
    return this;
  }

  public byte[] bytes() {
    long offset = EHDR + (long) PHDR * segments.size() + padding;
    ByteBuffer headers = ByteBuffer.allocate((int) offset).order(ByteOrder.LITTLE_ENDIAN);
    headers.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    headers.putShort(16, (short) 4).putShort(18, (short) machine).putInt(20, 1);
    headers.putLong(32, EHDR);
    headers.putShort(52, (short) EHDR).putShort(54, (short) PHDR);
    headers.putShort(56, (short) segments.size());
    ByteArrayOutputStream contents = new ByteArrayOutputStream();
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      headers.position(EHDR + i * PHDR);
      headers.putInt(segment.type).putInt(7).putLong(offset + contents.size());
      headers.putLong(segment.virtual).putLong(segment.physical);
      headers.putLong(segment.contents.length()).putLong(segment.memory).putLong(0);
      contents.writeBytes(segment.contents.getBytes(StandardCharsets.ISO_8859_1));
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(headers.array());
    file.writeBytes(contents.toByteArray());
    return file.toByteArray();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static int padded(int length) {
    return (length + 3) & ~3;
  }
}
