package org.dormouse.dump;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.dormouse.text.KeyValues;
import org.dormouse.vmcore.JumpedProcessor;
import org.dormouse.vmcore.VmcoreException;
import org.dormouse.vmcore.VmcoreInfo;

/** What an ELF core says besides the memory itself, and what one is made from. Immutable. */
public final class CoreDescription {
  /** The most bytes of notes that {@link #lines} keeps: what fits an image's details. */
  private static final int MOST_NOTES = 512 << 10;

  /** The most loads that {@link #lines} keeps. */
  private static final int MOST_LOADS = 2048;

  /**
   * A stretch of memory, as a {@code PT_LOAD} has it.
   *
   * @param physical the physical address of its first byte
   * @param virtual the virtual one; 0 if it is not known
   * @param bytes its length
   */
  public record Load(long physical, long virtual, long bytes) {
    /** Whether this load goes on where another one ends, in both address spaces. */
    private boolean continues(Load other) {
      return physical == other.physical + other.bytes
          && virtual == (other.virtual == 0 ? 0 : other.virtual + other.bytes);
    }
  }

  private final List<Load> loads;
  private final byte[] notes;

  /**
   * Copies.
   *
   * @param loads where memory is in the kernel's address space, as far as known; they may overlap
   *     in physical memory
   * @param notes the notes, back to back: {@code struct elf64_note}s with name and contents, each
   *     padded to 4 bytes
   */
  public CoreDescription(List<Load> loads, byte[] notes) {
    this.loads = List.copyOf(loads);
    this.notes = notes.clone();
  }

  /** Where memory is in the kernel's address space. */
  public List<Load> loads() {
    return loads;
  }

  /** The notes, as they stand in an ELF core. */
  public byte[] notes() {
    return notes.clone();
  }

  /** Nothing is known. */
  public static CoreDescription none() {
    return new CoreDescription(List.of(), new byte[0]);
  }

  /**
   * Only the first of some notes, as memory has them that more may follow in.
   *
   * @param bytes notes, and whatever is behind
   */
  public static CoreDescription ofFirstNote(byte[] bytes) {
    int end = new CoreNotes(bytes).each().findFirst().map(CoreNotes.Note::end).orElse(0);
    return new CoreDescription(List.of(), Arrays.copyOf(bytes, end));
  }

  /**
   * The same with the registers of the one processor that was online, before all other notes.
   *
   * @param task the number of the task that ran on it; 0 if it is not known
   */
  public CoreDescription withProcessor(JumpedProcessor registers, long task) {
    return new CoreDescription(loads, joined(NewNote.of(registers, task), notes));
  }

  /**
   * The same with a sentence that is to be found wherever the notes are: in a note of our own,
   * which the tools of others pass over.
   */
  public CoreDescription withRemark(String sentence) {
    return new CoreDescription(loads, joined(notes, NewNote.ofRemark(sentence)));
  }

  /** The sentences of {@link #withRemark}. */
  public List<String> remarks() {
    return new CoreNotes(notes)
        .each()
        .filter(note -> note.name().equals(NewNote.OWN_NAME))
        .map(
            note -> new String(notes, note.contents(), note.contentBytes(), StandardCharsets.UTF_8))
        .map(text -> text.replaceAll("\\p{Cntrl}", "?"))
        .toList();
  }

  /** How many processors' registers there are. */
  public int processors() {
    return new CoreNotes(notes).processors();
  }

  private static byte[] joined(byte[] first, byte[] second) {
    // Notes begin at multiples of 4 bytes.
    byte[] both = Arrays.copyOf(first, ((first.length + 3) & -4) + second.length);
    System.arraycopy(second, 0, both, both.length - second.length, second.length);
    return both;
  }

  /** The text of the kernel's VMCOREINFO note, if there is one among the notes. */
  public Optional<String> vmcoreInfoText() {
    return new CoreNotes(notes)
        .vmcoreInfo()
        .map(
            note ->
                new String(notes, note.contents(), note.contentBytes(), StandardCharsets.US_ASCII));
  }

  /**
   * The kernel's VMCOREINFO.
   *
   * @throws VmcoreException if there is none
   */
  public VmcoreInfo vmcoreInfo() throws VmcoreException {
    return VmcoreInfo.ofText(
        vmcoreInfoText()
            .orElseThrow(() -> new VmcoreException("there is no VMCOREINFO among the notes")));
  }

  /**
   * The lines that an image's details keep. Of notes that are too many only VMCOREINFO stays; of
   * loads, after those that continue one another were joined, the first. So not all that an image
   * holds need be in one of its loads.
   */
  public KeyValues lines() {
    byte[] kept = notes;
    if (kept.length > MOST_NOTES) {
      kept =
          new CoreNotes(notes)
              .vmcoreInfo()
              .map(note -> Arrays.copyOfRange(notes, note.start(), note.end()))
              .filter(note -> note.length <= MOST_NOTES)
              .orElse(new byte[0]);
    }
    KeyValues lines =
        KeyValues.empty().with("core_notes", Base64.getEncoder().encodeToString(kept));
    for (Load load : keptLoads()) {
      lines =
          lines.with(
              "core_load", String.format("0x%x 0x%x %d", load.physical, load.virtual, load.bytes));
    }
    return lines;
  }

  private List<Load> keptLoads() {
    if (loads.size() <= MOST_LOADS) {
      return loads;
    }
    List<Load> joined = new ArrayList<>();
    for (Load load : loads) {
      if (!joined.isEmpty() && load.continues(joined.getLast())) {
        Load last = joined.removeLast();
        joined.add(new Load(last.physical, last.virtual, last.bytes + load.bytes));
      } else {
        joined.add(load);
      }
    }
    return joined.subList(0, Math.min(joined.size(), MOST_LOADS));
  }

  /**
   * What {@link #lines} wrote, nothing if it is not there.
   *
   * @throws IllegalArgumentException if that makes no sense
   */
  public static CoreDescription of(KeyValues lines) {
    return new CoreDescription(
        lines.all("core_load").stream().map(CoreDescription::load).toList(),
        Base64.getDecoder().decode(lines.find("core_notes").orElse("")));
  }

  private static Load load(String text) {
    String[] words = text.split(" ");
    if (words.length != 3 || !words[0].startsWith("0x") || !words[1].startsWith("0x")) {
      throw new IllegalArgumentException("core_load=" + text + " makes no sense");
    }
    return new Load(
        Long.parseUnsignedLong(words[0].substring(2), 16),
        Long.parseUnsignedLong(words[1].substring(2), 16),
        Long.parseLong(words[2]));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CoreDescription that
        && loads.equals(that.loads)
        && Arrays.equals(notes, that.notes);
  }

  @Override
  public int hashCode() {
    return 31 * loads.hashCode() + Arrays.hashCode(notes);
  }

  @Override
  public String toString() {
    return loads.size() + " loads, " + notes.length + " bytes of notes";
  }
}
