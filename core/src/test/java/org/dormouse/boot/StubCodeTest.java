package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The stubs' machine code: what can run in a process is run on this processor; of the rest, what
 * must come before what is read from the disassembly.
 */
class StubCodeTest {
  private static final Path SOURCES = Path.of("src/main/asm");
  private static final int PROT_READ_WRITE_EXEC = 7;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

  @TempDir Path folder;

  @Test
  void enterSaverTakesTheEntryFromTheOldStackBeforeItLeavesTheOldTables() throws Exception {
    assertOrder(
        listing("enter-saver", "begin"),
        "cli",
        "cld",
        "mov \\(%rsp\\),%rdx",
        "mov %rax,%cr3",
        "lea .*<stack_top>,?.*%rsp|lea .*,%rsp.*<stack_top>",
        "mov %rdx,\\(%rdi\\)",
        "stos %al,%es:\\(%rdi\\)",
        "lgdt .*<descriptors_pointer>",
        "lretq",
        "rdmsr",
        "movl \\$0xc4500,0x300\\(%rdx\\)",
        "mov \\$0x830,%ecx",
        "wrmsr",
        "jmp \\*%rax");
  }

  @ParameterizedTest
  @CsvSource({
    "jump-back, begin, destination",
    "jump-back, reenter, reentry_point",
    "crash-back, begin, jump_back_entry"
  })
  void aKernelThatGoesOnFindsOthersStoppedAWordOnTheStackAndItsOwnTable(
      String stub, String from, String target) throws Exception {
    List<String> listing = listing(stub, from);
    assertOrder(
        listing,
        "cli",
        "cld",
        "mov %rax,%cr3",
        "lgdt .*<descriptors_pointer>",
        "lretq",
        "movl \\$0xc4500,0x300\\(%rdx\\)",
        "testl \\$0x1000,0x300\\(%rdx\\)",
        "wrmsr",
        "push (%rbx|.*<word>)",
        "lgdt .*<kernels_gdt_pointer>",
        "jmp \\*.*<" + target + ">");
    int jump = indexOf(listing, 0, "jmp \\*.*<" + target + ">");
    assertThat(listing.get(jump - 1)).as("the last thing").contains("<kernels_gdt_pointer>");
    assertThat(listing.get(jump - 2)).as("one word, and nothing behind it").startsWith("push");
  }

  @Test
  void whereAKernelIsEnteredAgainStandsInTheStub() throws Exception {
    assertThat(Stub.JumpBack.reentry()).isEqualTo(symbols("jump-back").get("reenter"));
  }

  @Test
  void dispatchChangesNothingButTheTableAndGoesWhereThatSays() throws Exception {
    assertThat(listing("dispatch", "begin").stream().takeWhile(each -> !each.startsWith("add")))
        .satisfiesExactly(
            each -> assertThat(each).isEqualTo("cli"),
            each -> assertThat(each).isEqualTo("cld"),
            each -> assertThat(each).isEqualTo("mov (%rsp),%rax"),
            each -> assertThat(each).matches("mov .*\\(%rip\\),%rdx.*<table>"),
            each -> assertThat(each).isEqualTo("mov %rax,0x10(%rdx)"),
            each -> assertThat(each).isEqualTo("jmp *0x18(%rdx)"));
  }

  @Test
  void jumpBackReadsTheOldStackOnlyIfItIsToComeBack() throws Exception {
    assertOrder(
        listing("jump-back", "begin"),
        "cmpq \\$0x0,.*<with_reentry>",
        "je .*<for_good>",
        "mov \\(%rsp\\),%rbx",
        "lea .*<stack_top>",
        "call .*<map_around>",
        "test %rbx,%rbx",
        "call .*<map_around>",
        "lea .*<reenter>",
        "cmpq \\$0x0,.*<word>",
        "je .*<found>",
        "mov .*<word>",
        "mov %rax,%cr3");
  }

  @Test
  void crashBackRestartsOnAnyOtherProcessorBeforeItTouchesAnything() throws Exception {
    List<String> listing = listing("crash-back", "begin");
    assertOrder(
        listing,
        "mov %rax,%cr3",
        "mov \\$0x1b,%ecx",
        "rdmsr",
        "mov 0x20\\(%rdx\\),%eax",
        "shr \\$0x18,%eax",
        "mov \\$0x802,%ecx",
        "rdmsr",
        "cmp .*<processor>.*",
        "jne .*<restart>",
        "call .*<stop_devices>",
        "call .*<copy_log>",
        "mov %rax,\\(%rdi\\)",
        "movl \\$0xc4500,0x300\\(%rdx\\)",
        "jmp \\*.*<jump_back_entry>",
        "mov \\$0xcf9,%edx",
        "mov \\$0xfe,%al",
        "out %al,\\$0x64",
        "lidt .*<no_descriptors>",
        "ud2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jump-back", "crash-back", "call-program"})
  void theLastDescriptorTableIsThatOfTheKernelsFirstProcessor(String stub) throws Exception {
    MemorySegment code = MemorySegment.ofArray(bytes(stub));
    long at = symbols(stub).get("kernels_gdt_pointer");
    assertThat(code.get(LittleEndian.U16, at)).isEqualTo((short) 0x7f);
    assertThat(code.get(LittleEndian.U64, at + 2)).isEqualTo(0xfffffe0000001000L);
  }

  @Test
  void callProgramTakesTheEntryAndTheKernelsModeBeforeItChangesThem() throws Exception {
    assertOrder(
        listing("call-program", "begin"),
        "cli",
        "cld",
        "mov \\(%rsp\\),%rdx",
        "mov %rax,%cr3",
        "lea .*<stack_top>",
        "mov %rdx,.*<jump_back_entry>",
        "mov %cr0,%rax",
        "mov %rax,.*<kernels_cr0>",
        "mov %cr4,%rax",
        "mov %rax,.*<kernels_cr4>",
        "rdmsr",
        "mov %eax,.*<kernels_efer>",
        "call .*<load_segments>",
        "movl \\$0xc4500,0x300\\(%rdx\\)",
        "out %al,\\$0x21",
        "out %al,\\$0xa1",
        "lidt",
        "ltr",
        "mov %rax,%cr4",
        "mov %rax,%cr0",
        "call \\*.*<entry>",
        "mov %rax,.*<r_ax>");
  }

  @Test
  void callProgramWritesNothingBeforeAllTokensAreSeenAndLeavesWithTheKernelsModeAndTable()
      throws Exception {
    List<String> listing = listing("call-program", "finish");
    assertOrder(
        listing,
        "cli",
        "cld",
        "mov %rax,%cr3",
        "lea .*<stack_top>",
        "mov .*<kernels_cr4>.*,%rax",
        "mov %rax,%cr4",
        "mov .*<kernels_cr0>.*,%rax",
        "mov %rax,%cr0",
        "cmp %rdx,\\(%rdi\\)",
        "jne .*<to_kernel>",
        "jne .*<next_token>",
        "rep movsq",
        "ja .*<to_kernel>",
        "rep movsb",
        "push \\$0x0",
        "lgdt .*<kernels_gdt_pointer>",
        "jmp \\*.*<jump_back_entry>");
    int token = indexOf(listing, 0, "cmp %rdx,\\(%rdi\\)");
    assertThat(listing.subList(0, token)).noneMatch(line -> line.startsWith("rep "));
    int jump = indexOf(listing, 0, "jmp \\*.*<jump_back_entry>");
    assertThat(listing.get(jump - 1)).as("the last thing").contains("<kernels_gdt_pointer>");
    assertThat(listing.get(jump - 2)).as("one word").startsWith("push");
  }

  /** What is given as 32 or 16 bits is disassembled as that. */
  @Test
  void callProgramChangesTheModeInTheOrderThatTheProcessorWants() throws Exception {
    assertOrder(
        listing("call-program", "below_long_mode", "-m", "i386"),
        "and \\$0x7fffffff,%eax", // paging off
        "mov %eax,%cr0",
        "and \\$0xfffffeff,%eax", // then long mode
        "wrmsr",
        "mov %eax,%cr4",
        "ret");
    assertOrder(
        listing("call-program", "back_to_long_mode", "-m", "i386"),
        "and \\$0x7fffffff,%eax",
        "mov %eax,%cr0",
        "mov %eax,%cr4", // LA57 before paging
        "mov %eax,%cr3",
        "and \\$0xfffffbff,%eax",
        "wrmsr",
        "mov %eax,%cr0", // paging last
        "lret");
    assertOrder(
        listing("call-program", "leave_real_mode", "-m", "i8086"),
        "cli",
        "mov %eax,%es:0x0", // the firmware's vectors
        "mov %eax,%es:0x34",
        "lgdtl",
        "mov \\$0x11,%eax",
        "mov %eax,%cr0",
        "ljmpl");
  }

  @Test
  void theRecordOfACallIsBehindTheOtherParametersInTheOrderOfTheRegisters() throws Exception {
    Map<String, Long> symbols = symbols("call-program");
    assertThat(symbols.get("result_end") - symbols.get("result")).isEqualTo(CallRecord.BYTES);
    long at = symbols.get("result") + 4 * Long.BYTES;
    for (Register register : Register.values()) {
      String name = register.name().toLowerCase(Locale.ROOT).replaceFirst("^r", "");
      assertThat(symbols.get("r_" + name)).as(name).isEqualTo(at);
      at += Long.BYTES;
    }
  }

  /** The tables are this process's memory, so that its addresses are the "physical" ones. */
  @ParameterizedTest
  @EnumSource
  void pagesAroundAnyAddressAreMappedAndNoOthers(PagingMode mode) throws Throwable {
    Random random = new Random(5);
    for (String stub : List.of("jump-back", "crash-back")) {
      MethodHandle mapAround = mapAround(stub);
      for (int round = 0; round < 2000; round++) {
        long page = somePage(random, mode);
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment tables =
              arena.allocate((1 + PageTables.most(mode, 2)) * 4096, 4096).fill((byte) 0);
          long base = tables.address();
          long other = somePage(random, mode);
          call(mapAround, mode, base, base + 4096, page * 4096 + random.nextInt(4096));
          long used = used(tables);
          assertThat(used).isLessThanOrEqualTo(1 + PageTables.most(mode, 1));
          call(mapAround, mode, base, base + used * 4096, other * 4096);
          Translation translation = new Translation(mode, tables, base);
          for (long each = -3; each <= 3; each++) {
            assertThat(translation.maps((page + each) * 4096))
                .isEqualTo(Math.abs(each) <= 1 || Math.abs(page + each - other) <= 1);
            assertThat(translation.maps((other + each) * 4096))
                .isEqualTo(Math.abs(each) <= 1 || Math.abs(other + each - page) <= 1);
          }
        }
      }
    }
  }

  /** Often at a boundary of 2 MiB, 1 GiB, 512 GiB or 256 TiB. */
  private static long somePage(Random random, PagingMode mode) {
    long limit = PageTables.limit(mode) / 4096;
    long page = 3 + random.nextLong(limit - 6);
    int boundary = random.nextInt(5) * 9;
    long aligned = page & -(1L << boundary);
    return aligned < 4 ? page : aligned + random.nextInt(-1, 2);
  }

  private static void call(
      MethodHandle mapAround, PagingMode mode, long root, long spare, long address)
      throws Throwable {
    mapAround.invokeExact(address, root, 0L, 0L, (long) PageTables.rootShift(mode), spare);
  }

  /** Pages up to the last that is not all zeros. */
  private static long used(MemorySegment tables) {
    long last = 0;
    for (long at = 0; at < tables.byteSize(); at += Long.BYTES) {
      if (tables.get(LittleEndian.U64, at) != 0) {
        last = at;
      }
    }
    return last / 4096 + 1;
  }

  /**
   * The subroutine happens to take its arguments where a C function has its first, second, fifth
   * and sixth, and to change only what a C function may.
   */
  private MethodHandle mapAround(String stub) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle mmap =
        linker.downcallHandle(
            linker.defaultLookup().find("mmap").orElseThrow(),
            FunctionDescriptor.of(
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG));
    MemorySegment page =
        (MemorySegment)
            mmap.invokeExact(
                MemorySegment.NULL, 4096L, PROT_READ_WRITE_EXEC, MAP_PRIVATE_ANONYMOUS, -1, 0L);
    MemorySegment code = page.reinterpret(4096).copyFrom(MemorySegment.ofArray(bytes(stub)));
    return linker.downcallHandle(
        code.asSlice(symbols(stub).get("map_around")),
        FunctionDescriptor.ofVoid(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG));
  }

  private static byte[] bytes(String stub) throws IOException {
    try (var in = Stub.class.getResourceAsStream(stub + ".bin")) {
      return in.readAllBytes();
    }
  }

  /** Every pattern is found behind the one before. */
  private static void assertOrder(List<String> listing, String... patterns) {
    int from = 0;
    for (String pattern : patterns) {
      int found = indexOf(listing, from, pattern);
      assertThat(found)
          .as("%s behind line %d of%n%s", pattern, from, String.join("\n", listing))
          .isNotNegative();
      from = found + 1;
    }
  }

  private static int indexOf(List<String> listing, int from, String pattern) {
    for (int i = from; i < listing.size(); i++) {
      if (listing.get(i).matches("(?s)(" + pattern + ").*")) {
        return i;
      }
    }
    return -1;
  }

  /** The instructions from a label on, one blank between mnemonic and operands. */
  private List<String> listing(String stub, String from, String... options) throws Exception {
    List<String> instructions = new ArrayList<>();
    String start = String.format("--start-address=0x%x", symbols(stub).get(from));
    List<String> command = new ArrayList<>(List.of("objdump", "-d", "--no-show-raw-insn", start));
    command.addAll(List.of(options));
    command.add(object(stub));
    for (String line : run(command.toArray(String[]::new))) {
      String[] columns = line.split("\t", 2);
      if (columns.length == 2 && columns[0].endsWith(":")) {
        instructions.add(columns[1].strip().replaceAll("\\s+", " "));
      }
    }
    return instructions;
  }

  private Map<String, Long> symbols(String stub) throws Exception {
    Map<String, Long> symbols = new TreeMap<>();
    for (String line : run("nm", object(stub))) {
      String[] columns = line.strip().split(" ");
      symbols.put(columns[2], Long.parseUnsignedLong(columns[0], 16));
    }
    return symbols;
  }

  private String object(String stub) throws Exception {
    Path object = folder.resolve(stub + ".o");
    if (!Files.exists(object)) {
      String source = SOURCES.resolve(stub + ".S").toString();
      run("as", "--64", "-I", SOURCES.toString(), "-o", object.toString(), source);
    }
    return object.toString();
  }

  private static List<String> run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
    return lines;
  }
}
