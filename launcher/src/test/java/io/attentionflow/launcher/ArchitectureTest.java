package io.attentionflow.launcher;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.Date;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** What Maven's modules cannot say about who may know whom. */
@AnalyzeClasses(packages = "io.attentionflow", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String[] ENGINES = {
    "io.attentionflow.learning..", "io.attentionflow.allocation..", "io.attentionflow.simulation.."
  };

  private static final List<Class<?>> CALENDARS =
      List.of(
          Instant.class,
          LocalDate.class,
          LocalTime.class,
          LocalDateTime.class,
          OffsetDateTime.class,
          OffsetTime.class,
          ZonedDateTime.class,
          Year.class,
          YearMonth.class);

  @ArchTest
  static final ArchRule enginesKnowNoFramework =
      noClasses()
          .that()
          .resideInAnyPackage(ENGINES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.kafka..",
              "kafka..",
              "org.apache.avro..",
              "org.slf4j..",
              "org.apache.logging..",
              "io.attentionflow.schema..",
              "io.attentionflow.client..",
              "io.attentionflow.jobs..",
              "io.attentionflow.launcher..");

  @ArchTest
  static final ArchRule enginesKnowNoFlink =
      noClasses()
          .that()
          .resideInAnyPackage(ENGINES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink..");

  @ArchTest
  static final ArchRule onlyServingKnowsFlinkMl =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.attentionflow.serving..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink.ml..");

  @ArchTest
  static final ArchRule servingKnowsNoCluster =
      noClasses()
          .that()
          .resideInAPackage("io.attentionflow.serving..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "org.apache.flink..", "org.apache.kafka..", "io.attentionflow.jobs..")
                  .and(DescribedPredicate.not(resideInAnyPackage("org.apache.flink.ml.."))));

  @ArchTest
  static final ArchRule allocationAndLearningKnowNoJson =
      noClasses()
          .that()
          .resideInAnyPackage("io.attentionflow.allocation..", "io.attentionflow.learning..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.fasterxml..");

  @ArchTest
  static final ArchRule allocationAndLearningDoNotKnowEachOther =
      noClasses()
          .that()
          .resideInAPackage("io.attentionflow.allocation..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.attentionflow.learning..");

  @ArchTest
  static final ArchRule enginesReadNoClock =
      noClasses()
          .that()
          .resideInAnyPackage(ENGINES)
          .should()
          .accessTargetWhere(readsAClock())
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class);

  @ArchTest
  static final ArchRule enginesHaveNoRandomnessOfTheirOwn =
      noClasses()
          .that()
          .resideInAnyPackage(ENGINES)
          .should()
          .accessTargetWhere(drawsWithoutASeed())
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(ThreadLocalRandom.class);

  @ArchTest
  static final ArchRule enginesReckonTheSameOnEveryMachine =
      noClasses()
          .that()
          .resideInAnyPackage(ENGINES)
          .should()
          .accessTargetWhere(reckonsByTheMachine());

  @ArchTest
  static final ArchRule jobsAreKnownToLauncherAndBenchmarksOnly =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.attentionflow.jobs..",
              "io.attentionflow.launcher..",
              "io.attentionflow.benchmarks..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.attentionflow.jobs..");

  @ArchTest
  static final ArchRule clientsKnowKafkaClientsAndSchemasOnly =
      classes()
          .that()
          .resideInAPackage("io.attentionflow.client..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.attentionflow.client..",
              "io.attentionflow.schema..",
              "org.apache.kafka..",
              "org.apache.avro..",
              "org.slf4j..",
              "org.jspecify..",
              "java..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule schemasKnowAvroOnly =
      classes()
          .that()
          .resideInAPackage("io.attentionflow.schema..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.attentionflow.schema..", "org.apache.avro..", "org.jspecify..", "java..");

  private static DescribedPredicate<JavaAccess<?>> readsAClock() {
    return DescribedPredicate.describe(
        "reads a clock",
        access ->
            isMemberOf(access, System.class, "currentTimeMillis", "nanoTime")
                || CALENDARS.stream().anyMatch(type -> isMemberOf(access, type, "now"))
                || isMemberOf(access, Calendar.class, "getInstance")
                || isConstructorWithoutArguments(access, Date.class));
  }

  private static DescribedPredicate<JavaAccess<?>> drawsWithoutASeed() {
    return DescribedPredicate.describe(
        "draws without a seed",
        access ->
            isMemberOf(access, Math.class, "random")
                || isMemberOf(access, StrictMath.class, "random")
                || isMemberOf(access, UUID.class, "randomUUID")
                || isConstructorWithoutArguments(access, Random.class)
                || isConstructorWithoutArguments(access, SplittableRandom.class));
  }

  /** What {@link Math} may round as the machine likes; {@link StrictMath} may not. */
  private static DescribedPredicate<JavaAccess<?>> reckonsByTheMachine() {
    return DescribedPredicate.describe(
        "rounds as the machine likes",
        access ->
            isMemberOf(
                access,
                Math.class,
                "exp",
                "expm1",
                "log",
                "log10",
                "log1p",
                "pow",
                "cbrt",
                "hypot",
                "sin",
                "cos",
                "tan",
                "asin",
                "acos",
                "atan",
                "atan2",
                "sinh",
                "cosh",
                "tanh"));
  }

  /** True of calls and of method references alike. */
  private static boolean isMemberOf(JavaAccess<?> access, Class<?> type, String... names) {
    return access.getTargetOwner().isEquivalentTo(type)
        && List.of(names).contains(access.getTarget().getName());
  }

  private static boolean isConstructorWithoutArguments(JavaAccess<?> access, Class<?> type) {
    return isMemberOf(access, type, JavaConstructor.CONSTRUCTOR_NAME)
        && access.getTarget() instanceof CodeUnitAccessTarget constructor
        && constructor.getRawParameterTypes().isEmpty();
  }
}
