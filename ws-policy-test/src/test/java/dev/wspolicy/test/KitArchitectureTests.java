package dev.wspolicy.test;

import java.util.List;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

/**
 * The kit drives the engine, but its API does not show that.
 */
class KitArchitectureTests {

	private static final List<String> INTERNAL = List.of("dev.wspolicy.pipeline", "dev.wspolicy.relay",
			"dev.wspolicy.netty", "dev.wspolicy.autoconfigure", "io.netty");

	private final JavaClasses kit = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages("dev.wspolicy.test");

	@Test
	void apiDoesNotExposeTheEngine() {
		ArchRuleDefinition.methods()
			.that()
			.arePublic()
			.and()
			.areDeclaredInClassesThat()
			.arePublic()
			.should(new ArchCondition<JavaMethod>("use types of the API only") {

				@Override
				public void check(JavaMethod method, ConditionEvents events) {
					for (JavaClass type : method.getAllInvolvedRawTypes()) {
						boolean internal = INTERNAL.stream()
							.anyMatch((name) -> (type.getPackageName() + ".").startsWith(name + "."));
						events.add(new SimpleConditionEvent(method, !internal,
								method.getFullName() + " shows " + type.getName()));
					}
				}

			})
			.check(this.kit);
	}

	@Test
	void onlyAssertionsNeedAssertJ() {
		ArchRuleDefinition.noClasses()
			.that()
			.doNotBelongToAnyOf(VerdictAssert.class, WsPolicyAssertions.class)
			.should()
			.dependOnClassesThat()
			.resideInAPackage("org.assertj..")
			.check(this.kit);
	}

	@Test
	void publicClassesAreFinal() {
		ArchRuleDefinition.classes().that().arePublic().should().haveModifier(JavaModifier.FINAL).check(this.kit);
	}

}
