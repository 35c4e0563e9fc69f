package io.attentionflow.launcher;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.core.domain.properties.HasParameterTypes.Predicates.rawParameterTypes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
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
          .dependOnClassesThat(
              resideInAnyPackage("org.apache.flink..")
                  .and(DescribedPredicate.not(resideInAnyPackage("org.apache.flink.ml.."))));

  @ArchTest
  static final ArchRule onlyLearningKnowsFlinkMl =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.attentionflow.learning..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink.ml..")
          .allowEmptyShould(true);

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
          .callCodeUnitWhere(readsAClock())
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class);

  @ArchTest
  static final ArchRule enginesHaveNoRandomnessOfTheirOwn =
      noClasses()
          .that()
          .resideInAnyPackage(ENGINES)
          .should()
          .callCodeUnitWhere(drawsWithoutASeed())
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(ThreadLocalRandom.class);

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

  private static DescribedPredicate<JavaCall<?>> readsAClock() {
    DescribedPredicate<JavaCall<?>> systemClock =
        target(owner(is(System.class)))
            .and(target(name("currentTimeMillis")).or(target(name("nanoTime"))));
    DescribedPredicate<JavaCall<?>> now =
        target(owner(isAnyOf(CALENDARS))).and(target(name("now")));
    DescribedPredicate<JavaCall<?>> oldDates =
        target(owner(is(Date.class)))
            .and(target(name("<init>")))
            .and(target(rawParameterTypes(new Class<?>[0])))
            .or(target(owner(is(Calendar.class))).and(target(name("getInstance"))));
    return systemClock.or(now).or(oldDates).as("that reads a clock");
  }

  private static DescribedPredicate<JavaCall<?>> drawsWithoutASeed() {
    DescribedPredicate<JavaCall<?>> unseeded =
        target(owner(isAnyOf(List.of(Random.class, SplittableRandom.class))))
            .and(target(name("<init>")))
            .and(target(rawParameterTypes(new Class<?>[0])));
    DescribedPredicate<JavaCall<?>> global =
        target(owner(is(Math.class)).or(owner(is(StrictMath.class)))).and(target(name("random")));
    DescribedPredicate<JavaCall<?>> uuid =
        target(owner(is(UUID.class))).and(target(name("randomUUID")));
    return unseeded.or(global).or(uuid).as("that draws without a seed");
  }

  private static DescribedPredicate<JavaClass> is(Class<?> type) {
    return isAnyOf(List.of(type));
  }

  private static DescribedPredicate<JavaClass> isAnyOf(List<Class<?>> types) {
    return DescribedPredicate.describe(
        "is one of " + types,
        (JavaClass candidate) -> types.stream().anyMatch(candidate::isEquivalentTo));
  }
}
