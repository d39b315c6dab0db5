package dev.wspolicy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The arrows between packages, and what may be seen where.
 */
class ArchitectureTests {

	private static JavaClasses productClasses;

	@BeforeAll
	static void importClasses() {
		productClasses = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
			.importPackages("dev.wspolicy");
	}

	@Test
	void dependenciesPointLeft() {
		check(Architectures.layeredArchitecture()
			.consideringOnlyDependenciesInLayers()
			.layer("frame")
			.definedBy("dev.wspolicy.frame")
			.layer("session")
			.definedBy("dev.wspolicy.session")
			.layer("json")
			.definedBy("dev.wspolicy.json")
			.layer("redaction")
			.definedBy("dev.wspolicy.redaction")
			.layer("policy")
			.definedBy("dev.wspolicy.policy..")
			.layer("pipeline")
			.definedBy("dev.wspolicy.pipeline")
			.layer("relay")
			.definedBy("dev.wspolicy.relay")
			.layer("netty")
			.definedBy("dev.wspolicy.netty")
			.layer("policies")
			.definedBy("dev.wspolicy.policies..")
			.layer("gateway")
			.definedBy("dev.wspolicy.gateway")
			.layer("observation")
			.definedBy("dev.wspolicy.observation")
			.layer("actuate")
			.definedBy("dev.wspolicy.actuate")
			.layer("autoconfigure")
			.definedBy("dev.wspolicy.autoconfigure")
			.whereLayer("autoconfigure")
			.mayNotBeAccessedByAnyLayer()
			.whereLayer("gateway")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("netty")
			.mayOnlyBeAccessedByLayers("gateway", "autoconfigure")
			.whereLayer("relay")
			.mayOnlyBeAccessedByLayers("netty")
			.whereLayer("policies")
			.mayNotBeAccessedByAnyLayer()
			.whereLayer("policies")
			.mayOnlyAccessLayers("policy", "session", "redaction", "json", "frame")
			.whereLayer("redaction")
			.mayOnlyAccessLayers("json", "frame")
			.whereLayer("json")
			.mayOnlyAccessLayers("frame")
			.whereLayer("pipeline")
			// What is effective is best shown as what it is, not as a copy of it.
			.mayOnlyBeAccessedByLayers("relay", "netty", "gateway", "actuate", "autoconfigure")
			.whereLayer("observation")
			.mayOnlyAccessLayers("session", "redaction", "frame")
			.whereLayer("actuate")
			.mayOnlyAccessLayers("session", "redaction", "frame", "pipeline", "policy")
			.whereLayer("session")
			.mayOnlyAccessLayers("frame")
			.whereLayer("frame")
			.mayNotAccessAnyLayer());
	}

	@Test
	void noCycles() {
		check(SlicesRuleDefinition.slices().matching("dev.wspolicy.(*)..").should().beFreeOfCycles());
	}

	@Test
	void theCoreKnowsNoFramework() {
		check(ArchRuleDefinition.noClasses()
			.that()
			.resideInAnyPackage("dev.wspolicy.frame", "dev.wspolicy.pipeline", "dev.wspolicy.relay")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("io.netty..", "reactor..", "org.springframework.."));
	}

	@Test
	void onlyTheNettyPackageSeesByteBufs() {
		check(ArchRuleDefinition.noClasses()
			.that()
			.resideOutsideOfPackage("dev.wspolicy.netty")
			.should()
			.dependOnClassesThat()
			.areAssignableTo(ByteBuf.class));
	}

	@Test
	void nobodySleeps() {
		check(ArchRuleDefinition.noClasses().should().callMethod(Thread.class, "sleep", long.class));
	}

	@Test
	void nobodySubscribesWithoutLooking() {
		check(ArchRuleDefinition.noClasses()
			.should()
			.callMethod(Mono.class, "subscribe")
			.orShould()
			.callMethod(Flux.class, "subscribe")
			.orShould()
			.callMethod(Publisher.class, "subscribe"));
	}

	@Test
	void autoConfigurationsAreFinal() {
		check(ArchRuleDefinition.classes()
			.that()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.haveModifier(JavaModifier.FINAL));
	}

	@Test
	void namesSayWhatThingsAre() {
		check(ArchRuleDefinition.noClasses()
			.should()
			.haveSimpleNameEndingWith("Manager")
			.orShould(haveNameLike("Helper", "Util", "Impl")));
	}

	private static ArchCondition<JavaClass> haveNameLike(String... endings) {
		return ArchConditions
			.be(DescribedPredicate.describe("named like a " + String.join(", ", endings), (javaClass) -> {
				for (String ending : endings) {
					if (javaClass.getSimpleName().endsWith(ending)) {
						return true;
					}
				}
				return false;
			}));
	}

	private static void check(ArchRule rule) {
		rule.check(productClasses);
	}

}
