package org.dormouse.initramfs;

import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;

/**
 * Brings class files of before Java 6 up to date. They have no stack maps, so that the JVM has to
 * verify them anew at each start, and an AOT cache does not take them (picocli is compiled for Java
 * 5: a second at each start of an emulated machine).
 */
final class ModernClass {
  /** What is written: no feature is used that Java 11 does not have. */
  private static final int VERSION = ClassFile.JAVA_11_VERSION;

  private ModernClass() {}

  /** Whether {@code classFile} is too old for an AOT cache. */
  static boolean isOld(byte[] classFile) {
    // JVM specification, 4.1: magic, minor version, major version.
    int major = (classFile[6] & 0xff) << 8 | (classFile[7] & 0xff);
    return major < ClassFile.JAVA_6_VERSION;
  }

  /**
   * The same class with stack maps.
   *
   * @param jar finds the classes that it refers to
   */
  static byte[] of(byte[] classFile, ClassLoader jar) {
    ClassFile format =
        ClassFile.of(
            StackMapsOption.GENERATE_STACK_MAPS,
            ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(jar)
                    .orElse(ClassHierarchyResolver.defaultResolver())));
    ClassModel model = format.parse(classFile);
    ClassTransform newVersion =
        (builder, element) -> {
          ClassElement kept =
              element instanceof ClassFileVersion ? ClassFileVersion.of(VERSION, 0) : element;
          builder.with(kept);
        };
    return format.transformClass(
        model,
        newVersion.andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)));
  }
}
