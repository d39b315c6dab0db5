package dev.wspolicy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.reactivestreams.Publisher;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import dev.wspolicy.testkit.ProductClasses;

/**
 * Checks the direction of dependencies, and what no class of the product does.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchitectureTests {

	// Not static, or it would stay for as long as the JVM lives
	private final ProductClasses product = ProductClasses.onTheClassPath();

	@Test
	void dependenciesPointOneWay() {
		this.product.check(Architectures.layeredArchitecture()
			.consideringOnlyDependenciesInLayers()
			.layer("api")
			.definedBy("dev.wspolicy.frame", "dev.wspolicy.session", "dev.wspolicy.policy..", "dev.wspolicy.fleet")
			.layer("payloads")
			.definedBy("dev.wspolicy.json", "dev.wspolicy.redaction", "dev.wspolicy.effort", "dev.wspolicy.recording")
			.layer("pipeline")
			.definedBy("dev.wspolicy.pipeline")
			.layer("relay")
			.definedBy("dev.wspolicy.relay")
			.layer("netty")
			.definedBy("dev.wspolicy.netty")
			.layer("builtin")
			.definedBy("dev.wspolicy.builtin..")
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
			.whereLayer("builtin")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("gateway")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("netty")
			.mayOnlyBeAccessedByLayers("gateway", "autoconfigure")
			.whereLayer("relay")
			.mayOnlyBeAccessedByLayers("netty")
			.whereLayer("pipeline")
			// The pipelines endpoint shows enums of the pipeline as they are rather than
			// as a copy.
			.mayOnlyBeAccessedByLayers("relay", "netty", "gateway", "actuate", "autoconfigure")
			.whereLayer("observation")
			.mayOnlyAccessLayers("api", "payloads")
			.whereLayer("actuate")
			.mayOnlyAccessLayers("api", "payloads", "pipeline"));
	}

	@Test
	void noCycles() {
		this.product.check(SlicesRuleDefinition.slices().matching("dev.wspolicy.(*)..").should().beFreeOfCycles());
	}

	@Test
	void noThreadSleep() {
		this.product.check(ArchRuleDefinition.noClasses().should().callMethod(Thread.class, "sleep", long.class));
	}

	@Test
	void everySubscriptionHandlesErrors() {
		this.product.check(ArchRuleDefinition.noClasses()
			.should()
			.callMethod(Mono.class, "subscribe")
			.orShould()
			.callMethod(Flux.class, "subscribe")
			.orShould()
			.callMethod(Publisher.class, "subscribe"));
	}

	@Test
	void autoConfigurationsAreFinal() {
		this.product.check(ArchRuleDefinition.classes()
			.that()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.haveModifier(JavaModifier.FINAL));
	}

	@Test
	void noMeaninglessNames() {
		this.product.check(ArchRuleDefinition.noClasses()
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

}
