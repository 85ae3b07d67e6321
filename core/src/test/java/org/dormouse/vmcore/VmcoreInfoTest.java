package org.dormouse.vmcore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The lines are those of a 6.12 kernel. */
class VmcoreInfoTest {
  private static final String TEXT =
      """
      OSRELEASE=6.12.117
      PAGESIZE=4096
      SYMBOL(_stext)=ffffffffa9e00000
      NUMBER(VMALLOC_START)=0xff3ac3cd00000000
      SIZE(page)=64
      OFFSET(page._mapcount)=48
      LENGTH(mem_section)=131072
      NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456
      NUMBER(phys_base)=-442499072
      KERNELOFFSET=28e00000
      """;

  private static byte[] note(int nameSize, int textSize) {
    byte[] text = TEXT.getBytes(StandardCharsets.US_ASCII);
    byte[] note = Arrays.copyOf(new byte[] {(byte) nameSize, 0, 0, 0}, 24 + text.length + 100);
    note[4] = (byte) textSize;
    note[5] = (byte) (textSize >> 8);
    note[6] = (byte) (textSize >> 16);
    note[7] = (byte) (textSize >> 24);
    byte[] name = "VMCOREINFO".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(name, 0, note, 12, name.length);
    System.arraycopy(text, 0, note, 24, text.length);
    return note;
  }

  @Test
  void eachKindOfLineIsUnderstood() throws VmcoreException {
    VmcoreInfo info = VmcoreInfo.ofNote(note(11, TEXT.length()));
    assertThat(info.value("OSRELEASE")).isEqualTo("6.12.117");
    assertThat(info.symbol("_stext")).isEqualTo(0xffffffffa9e00000L);
    assertThat(info.number("VMALLOC_START")).isEqualTo(0xff3ac3cd00000000L);
    assertThat(info.size("page")).isEqualTo(64);
    assertThat(info.offset("page._mapcount")).isEqualTo(48);
    assertThat(info.length("mem_section")).isEqualTo(131072);
    assertThat(info.number("PAGE_BUDDY_MAPCOUNT_VALUE")).isEqualTo(-268435456);
    assertThat(info.number("phys_base")).isEqualTo(-442499072);
    assertThat(info.optional("KERNELOFFSET")).hasValue("28e00000");
    assertThat(info.hasNumber("PG_hwpoison")).isFalse();
  }

  /** The reason why a kernel is not understood is told on a console, which obeys sequences. */
  @Test
  void aLineWithAControlCharacterIsNoLine() {
    VmcoreInfo info = VmcoreInfo.ofText("SIZE(page)=\u001b[2J64\nSIZE(zone)=1\n");
    assertThatThrownBy(() -> info.size("page")).hasMessage("VMCOREINFO lacks SIZE(page)");
  }

  @Test
  void whatIsMissingOrNoNumberIsNamed() {
    VmcoreInfo info = VmcoreInfo.ofText(TEXT + "SIZE(zone)=-1\nSIZE(list_head)=many\n=\n=3\nx");
    assertThatThrownBy(() -> info.symbol("mem_section"))
        .isInstanceOf(VmcoreException.class)
        .hasMessage("VMCOREINFO lacks SYMBOL(mem_section)");
    assertThatThrownBy(() -> info.size("zone")).hasMessage("VMCOREINFO has SIZE(zone)=-1");
    assertThatThrownBy(() -> info.size("list_head"))
        .hasMessage("VMCOREINFO has SIZE(list_head)=many, which is no number");
  }

  @Test
  void anotherNoteIsRefused() {
    for (int size : new int[] {-1, TEXT.length() + 101, 1 << 30}) {
      assertThatThrownBy(() -> VmcoreInfo.ofNote(note(11, size)))
          .isInstanceOf(VmcoreException.class);
    }
    assertThatThrownBy(() -> VmcoreInfo.ofNote(note(5, TEXT.length())))
        .isInstanceOf(VmcoreException.class);
    byte[] other = note(11, TEXT.length());
    other[12] = 'X';
    assertThatThrownBy(() -> VmcoreInfo.ofNote(other)).isInstanceOf(VmcoreException.class);
  }

  @Property(tries = 300)
  void anyBytesAreAnswered(@ForAll byte[] bytes) {
    assertThatThrownBy(() -> VmcoreInfo.ofNote(bytes)).isInstanceOf(VmcoreException.class);
    VmcoreInfo any = VmcoreInfo.ofText(new String(bytes, StandardCharsets.ISO_8859_1));
    assertThat(any.hasSymbol("mem_section")).isFalse();
  }
}
