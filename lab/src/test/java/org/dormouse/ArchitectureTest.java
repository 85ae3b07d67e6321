package org.dormouse;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The house, floor by floor, and who may call on whom. A failure here says which wall was walked
 * through and why it stands; ARCHITECTURE.md has the picture.
 */
@AnalyzeClasses(packages = "org.dormouse", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String MEMORY = "org.dormouse.memory..";
  private static final String LINUX = "org.dormouse.linux..";
  private static final String BOOT = "org.dormouse.boot..";
  private static final String KEXEC = "org.dormouse.kexec..";
  private static final String VMCORE = "org.dormouse.vmcore..";
  private static final String IMAGE = "org.dormouse.image..";
  private static final String STORE = "org.dormouse.store..";
  private static final String SLEEP = "org.dormouse.sleep..";
  private static final String[] FRONT_DOORS = {
    "org.dormouse.cli..", "org.dormouse.agent..", "org.dormouse.lab..", "org.dormouse.initramfs.."
  };

  @ArchTest
  static final ArchRule arrowsOnlyPointDown =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("org.dormouse..")
          .withOptionalLayers(true)
          .layer("front doors")
          .definedBy(FRONT_DOORS)
          .layer("use cases")
          .definedBy(SLEEP)
          .layer("rooms")
          .definedBy(IMAGE, STORE, KEXEC, VMCORE)
          .layer("ground")
          .definedBy(BOOT, LINUX)
          .layer("cellar")
          .definedBy(MEMORY)
          .whereLayer("front doors")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("use cases")
          .mayOnlyBeAccessedByLayers("front doors")
          .whereLayer("rooms")
          .mayOnlyBeAccessedByLayers("use cases", "front doors")
          .whereLayer("ground")
          .mayOnlyBeAccessedByLayers("rooms", "use cases", "front doors")
          .because(
              "a floor knows the floors below it and nothing above: cli, agent, lab and initramfs"
                  + " call the use cases in sleep, these put together image, store, kexec and"
                  + " vmcore, these stand on boot and linux, all of them on memory. So each floor"
                  + " can be understood, and tested, without those above");

  @ArchTest
  static final ArchRule memoryDependsOnNothing =
      noClasses()
          .that()
          .resideInAPackage(MEMORY)
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.dormouse..").and(not(resideInAPackage(MEMORY))))
          .because("memory is arithmetic on page frame numbers, which everything else stands on")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule groundFloorStandsOnMemoryAlone =
      noClasses()
          .that()
          .resideInAPackage(LINUX)
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.dormouse..").and(not(resideInAnyPackage(LINUX, MEMORY))))
          .because(
              "linux says what the kernel says and does what it is told; what that means is decided"
                  + " above")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule formatsSeeNoKernel =
      noClasses()
          .that()
          .resideInAnyPackage(BOOT, IMAGE, VMCORE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(LINUX)
          .because(
              "boot, image and vmcore turn bytes into bytes: they are given memory segments,"
                  + " channels and records, so that every one of their tests runs without root and"
                  + " without a kernel to spare")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyLinuxMakesSystemCalls =
      noClasses()
          .that()
          .resideOutsideOfPackage(LINUX)
          .and()
          .haveNameNotMatching("org\\.dormouse\\.image\\.CFunction.*")
          .should()
          .dependOnClassesThat()
          .haveNameMatching("java\\.lang\\.foreign\\.(Linker|SymbolLookup|FunctionDescriptor).*")
          .because(
              "what Dormouse asks of the running kernel is one list that fits on a screen,"
                  + " org.dormouse.linux, and nobody has to look elsewhere; image.CFunction calls codecs,"
                  + " which ask the kernel for nothing")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule noCycles =
      slices()
          .matching("org.dormouse.(*)..")
          .should()
          .beFreeOfCycles()
          .because("two packages that need each other are one package with a wall in the middle")
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
          .because("what a method does depends on its arguments and its object, not on the weather")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule noUtilClasses =
      classes()
          .should()
          .haveNameNotMatching(".*(Util|Utils|Helper|Helpers|Manager)")
          .because("a class is named after what it is; what has no name has no place in the house")
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
        .isSubsetOf("memory", "linux", "boot", "kexec", "vmcore", "image", "store", "sleep");
  }

  @Test
  void commentsMayNameWhatCodeMayNot() {
    String source =
        "/** {@code /proc/iomem} */ a(\"http://x\"); // \"/sys/power\"\n b(\"/proc/1\");";
    assertThat(KERNEL_FILE.matcher(withoutComments(source)).results().map(MatchResult::group))
        .containsExactly("\"/proc/1\"");
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
