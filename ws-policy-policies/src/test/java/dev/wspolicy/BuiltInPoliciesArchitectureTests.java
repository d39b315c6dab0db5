package dev.wspolicy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import dev.wspolicy.testkit.ProductClasses;

/**
 * The dependencies of the built-in policies, which may use no more than the policies of
 * applications.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BuiltInPoliciesArchitectureTests {

	// Not static, or it would stay for as long as the JVM lives
	private final ProductClasses policies = ProductClasses.onTheClassPath();

	@Test
	void doNotDependOnTheEngine() {
		this.policies.check(ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage("dev.wspolicy.builtin..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("dev.wspolicy.pipeline..", "dev.wspolicy.relay..", "dev.wspolicy.netty..", "io.netty..",
					"reactor.netty.."));
	}

	@Test
	void dependOnlyOnTheBindingAnnotationsOfBoot() {
		this.policies.check(ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage("dev.wspolicy.builtin..")
			.should()
			.dependOnClassesThat(JavaClass.Predicates
				.resideInAnyPackage("org.springframework.boot..", "org.springframework.cloud..",
						"org.springframework.context..")
				.and(DescribedPredicate
					.not(JavaClass.Predicates.resideInAPackage("org.springframework.boot.context.properties.bind")))));
	}

	@Test
	void onlyTheSpiAndWhatTheAutoConfigurationUsesIsPublic() {
		this.policies.check(ArchRuleDefinition.classes()
			.that()
			.resideInAPackage("dev.wspolicy.builtin..")
			.and()
			.resideOutsideOfPackage("dev.wspolicy.builtin.support")
			.and()
			.areTopLevelClasses()
			.and()
			.arePublic()
			.should()
			.haveNameMatching("dev\\.wspolicy\\.builtin\\.(access\\.PrincipalAuthorities"
					+ "|security\\.(Credentials|CredentialsCheck|ExpiringPrincipal|PrincipalExpiry"
					+ "|CredentialsCheckResolver|SpringSecurityAdapter|SpringSecurityCheck)|(\\w+\\.)?\\w+Policies)"));
	}

	@Test
	void noCycles() {
		this.policies
			.check(SlicesRuleDefinition.slices().matching("dev.wspolicy.builtin.(*)..").should().beFreeOfCycles());
	}

}
