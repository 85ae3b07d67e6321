package org.dormouse;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.dormouse.linux.Kexec;
import org.junit.jupiter.api.Test;

/**
 * Which package may use which. A failure here names the rule and says why there is one;
 * ARCHITECTURE.md has the picture.
 */
@AnalyzeClasses(packages = "org.dormouse", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String MEMORY = "org.dormouse.memory..";
  private static final String TEXT = "org.dormouse.text..";
  private static final String LINUX = "org.dormouse.linux..";
  private static final String CODEC = "org.dormouse.codec..";
  private static final String BOOT = "org.dormouse.boot..";
  private static final String KEXEC = "org.dormouse.kexec..";
  private static final String VMCORE = "org.dormouse.vmcore..";
  private static final String DUMP = "org.dormouse.dump..";
  private static final String SEAL = "org.dormouse.seal..";
  private static final String IMAGE = "org.dormouse.image..";
  private static final String STORE = "org.dormouse.store..";
  private static final String MAILBOX = "org.dormouse.mailbox..";
  private static final String MACHINE = "org.dormouse.machine..";
  private static final String PROTOCOL = "org.dormouse.protocol..";
  private static final String STORES = "org.dormouse.stores..";
  private static final String SLEEP = "org.dormouse.sleep..";
  private static final String SAVER = "org.dormouse.saver..";
  private static final String PHYSICAL = "org.dormouse.physical..";
  private static final String CONVERT = "org.dormouse.convert..";
  private static final String ANALYZE = "org.dormouse.analyze..";
  private static final String KERNELS = "org.dormouse.kernels..";
  private static final String LOADER = "org.dormouse.loader..";
  private static final String SETUP = "org.dormouse.setup..";
  private static final String REBUILD = "org.dormouse.rebuild..";
  private static final String TRAINING = "org.dormouse.training..";

  // The floors, from the top.
  private static final String[] PROGRAMS = {
    "org.dormouse.cli..", "org.dormouse.agent..", "org.dormouse.lab..", "org.dormouse.initramfs.."
  };
  private static final String[] USE_CASES = {
    SLEEP, SAVER, KERNELS, PHYSICAL, CONVERT, ANALYZE, SETUP, REBUILD
  };
  private static final String[] SUBJECTS = {
    SEAL, IMAGE, STORE, DUMP, KEXEC, VMCORE, MAILBOX, MACHINE, LOADER
  };
  private static final String[] FOUNDATIONS = {BOOT, LINUX, CODEC};
  private static final String[] VALUES = {MEMORY, TEXT};

  @ArchTest
  static final ArchRule arrowsOnlyPointDown =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("org.dormouse..")
          .withOptionalLayers(true)
          .layer("programs")
          .definedBy(PROGRAMS)
          .layer("training")
          .definedBy(TRAINING)
          .layer("use cases")
          .definedBy(USE_CASES)
          .layer("protocol")
          .definedBy(PROTOCOL, STORES)
          .layer("subjects")
          .definedBy(SUBJECTS)
          .layer("foundations")
          .definedBy(FOUNDATIONS)
          .layer("values")
          .definedBy(VALUES)
          .whereLayer("programs")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("training")
          .mayOnlyBeAccessedByLayers("programs")
          .whereLayer("use cases")
          .mayOnlyBeAccessedByLayers("training", "programs")
          .whereLayer("protocol")
          .mayOnlyBeAccessedByLayers("use cases", "training", "programs")
          .whereLayer("subjects")
          .mayOnlyBeAccessedByLayers("protocol", "use cases", "training", "programs")
          .whereLayer("foundations")
          .mayOnlyBeAccessedByLayers("subjects", "protocol", "use cases", "training", "programs")
          .because(
              "a floor knows the floors below it and nothing above: cli, agent, lab and initramfs"
                  + " call the use cases in sleep and saver; these put together protocol, image,"
                  + " store, dump, kexec, vmcore, mailbox and machine, which stand on boot, linux and"
                  + " codec; all of them on memory and text. So each floor can be understood, and tested, without those"
                  + " above");

  @ArchTest
  static final ArchRule theTwoKernelsMeetInTheProtocol =
      slices()
          .matching("org.dormouse.(sleep|saver)..")
          .should()
          .notDependOnEachOther()
          .because(
              "sleep runs in the original kernel and saver in the saver kernel, never in one"
                  + " process: what the two have to agree on is in protocol, and nowhere else")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule kernelsStandOnTheSleepersChecks =
      noClasses()
          .that()
          .resideInAnyPackage(SLEEP, SAVER, CONVERT, ANALYZE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(KERNELS)
          .because(
              "whether a machine can jump, and whether a saver is in the way, is asked as for a"
                  + " sleep: kernels knows sleep. A sleep needs no word of other kernels but that they"
                  + " are loaded, which protocol tells")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule valuesDependOnNothing =
      noClasses()
          .that()
          .resideInAnyPackage(MEMORY, TEXT, CODEC)
          .should(dependOnOtherRooms())
          .because(
              "memory is arithmetic on page frame numbers, text is lines and figures, codec is bytes"
                  + " in and bytes out: everything else stands on them, so they stand on nothing, not"
                  + " even on one another")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule linuxAndBootStandOnMemoryAlone =
      noClasses()
          .that()
          .resideInAnyPackage(LINUX, BOOT)
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.dormouse..").and(not(resideInAnyPackage(LINUX, BOOT, MEMORY))))
          .because(
              "linux says what the kernel says and does what it is told, boot writes what a kernel"
                  + " wants to read; what that means is decided, and said to people, above")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule formatsSeeNoKernel =
      noClasses()
          .that()
          .resideInAnyPackage(BOOT, IMAGE, VMCORE, MAILBOX)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(LINUX)
          .because(
              "boot, image, vmcore and mailbox turn bytes into bytes: they are given memory segments,"
                  + " frames and stores, so that every one of their tests runs without root and"
                  + " without a kernel to spare")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule plansOfKexecMakeNoSystemCall =
      noClasses()
          .that()
          .resideInAPackage(KEXEC)
          .should()
          .dependOnClassesThat(
              resideInAPackage(LINUX)
                  .and(not(assignableTo(Kexec.Segment.class)))
                  .and(not(assignableTo(Kexec.Context.class))))
          .because(
              "kexec plans and never loads. It shares two values with linux, Kexec.Segment and"
                  + " Kexec.Context, so that one type goes from the planner to the system call and"
                  + " nothing is converted, and got wrong, on the way")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyLinuxAndCodecCallNativeCode =
      noClasses()
          .that()
          .resideOutsideOfPackages(LINUX, CODEC)
          .should()
          .dependOnClassesThat()
          .haveNameMatching("java\\.lang\\.foreign\\.(Linker|SymbolLookup|FunctionDescriptor).*")
          .because(
              "what Dormouse asks of the running kernel is one list that fits on a screen, in linux,"
                  + " and what it asks of native libraries another one, in codec, which ask the kernel"
                  + " for nothing. Nobody has to look elsewhere, and one downcall shape each is all"
                  + " that is linked at start-up")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule noCycles =
      slices()
          .matching("org.dormouse.(*)..")
          .should()
          .beFreeOfCycles()
          .because("two packages that need each other are one package in two folders")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule noReflection =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.lang.reflect..")
          .because("a reader must be able to follow every call by name")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule noStaticMutableState =
      fields()
          .that()
          .areStatic()
          .should()
          .beFinal()
          .because(
              "what a method does depends on its arguments and its object, and on nothing that"
                  + " another thread or test has left behind")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule noUtilClasses =
      classes()
          .should()
          .haveNameNotMatching(".*(Util|Utils|Helper|Helpers|Manager)")
          .because("a class is named after what it is; code without a name of its own has no owner")
          .allowEmptyShould(true);

  /** A path below /proc or /sys inside a string literal. */
  private static final Pattern KERNEL_FILE = Pattern.compile("\"[^\"\\n]*/(proc|sys)/[^\"\\n]*\"");

  /**
   * Comments; and string literals, so that a literal with {@code //} in it is not taken for one.
   */
  private static final Pattern COMMENT_OR_LITERAL =
      Pattern.compile("/\\*(?s:.*?)\\*/|//[^\\n]*|(?<literal>\"(?:[^\"\\\\\\n]|\\\\.)*\")");

  @Test
  void onlyLinuxReadsProcAndSys() {
    List<String> found = new ArrayList<>();
    for (Path source : sources(root().resolve("core"))) {
      if (source.getParent().endsWith("org/dormouse/linux")) {
        continue;
      }
      KERNEL_FILE
          .matcher(withoutComments(read(source)))
          .results()
          .forEach(match -> found.add(root().relativize(source) + ": " + match.group()));
    }
    assertThat(found)
        .as("the kernel's files are read in org.dormouse.linux only, which returns records")
        .isEmpty();
  }

  @Test
  void everyPackageSaysWhatLivesThere() {
    List<Path> silent =
        sources(root()).stream()
            .map(Path::getParent)
            .distinct()
            .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
            .map(root()::relativize)
            .toList();
    assertThat(silent).as("packages without a package-info.java").isEmpty();
  }

  @Test
  void everyPackageOfTheCoreIsARoomOnThePlan() {
    List<String> rooms =
        sources(root().resolve("core")).stream()
            .map(source -> source.getParent().getFileName().toString())
            .distinct()
            .toList();
    assertThat(rooms)
        .as("packages of core, each on a floor of this test")
        .containsExactlyInAnyOrderElementsOf(roomsOnAFloor());
  }

  @Test
  void commentsMayNameWhatCodeMayNot() {
    String source =
        "/** {@code /proc/iomem} */ a(\"http://x\"); // \"/sys/power\"\n b(\"/proc/1\");";
    assertThat(KERNEL_FILE.matcher(withoutComments(source)).results().map(MatchResult::group))
        .containsExactly("\"/proc/1\"");
  }

  private static List<String> roomsOnAFloor() {
    return Stream.concat(
            Stream.of(TRAINING, PROTOCOL, STORES),
            Stream.of(USE_CASES, SUBJECTS, FOUNDATIONS, VALUES).flatMap(Arrays::stream))
        .map(name -> name.substring("org.dormouse.".length(), name.length() - "..".length()))
        .toList();
  }

  /** On a room of Dormouse's other than one's own. */
  private static ArchCondition<JavaClass> dependOnOtherRooms() {
    return new ArchCondition<>("depend on other packages of Dormouse") {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        user.getDirectDependenciesFromSelf().stream()
            .filter(use -> use.getTargetClass().getPackageName().startsWith("org.dormouse."))
            .filter(use -> !use.getTargetClass().getPackageName().equals(user.getPackageName()))
            .forEach(use -> events.add(SimpleConditionEvent.satisfied(use, use.getDescription())));
      }
    };
  }

  private static String withoutComments(String source) {
    return COMMENT_OR_LITERAL
        .matcher(source)
        .replaceAll(
            match -> {
              String literal = match.group("literal");
              return literal == null ? " " : Matcher.quoteReplacement(literal);
            });
  }

  /** The Java files of what is shipped below a folder. */
  private static List<Path> sources(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().contains("/src/main/java/"))
          .filter(file -> file.toString().endsWith(".java"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder of the whole project: the first above this module's that has the core in it. */
  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("core/src/main/java"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException(
            "no core/src/main/java above " + Path.of("").toAbsolutePath());
      }
    }
    return folder;
  }
}
