package dev.wspolicy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.frame.Utf8;
import dev.wspolicy.relay.Relay;
import dev.wspolicy.relay.RelayControl;
import dev.wspolicy.testkit.ProductClasses;

/**
 * Which way dependencies point in the core, and what it may see.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CoreArchitectureTests {

	// Not static, or it would stay for as long as the JVM lives
	private final ProductClasses core = ProductClasses.onTheClassPath();

	@Test
	void dependenciesPointOneWay() {
		this.core.check(Architectures.layeredArchitecture()
			.consideringOnlyDependenciesInLayers()
			.layer("frame")
			.definedBy("dev.wspolicy.frame")
			.layer("session")
			.definedBy("dev.wspolicy.session")
			.layer("fleet")
			.definedBy("dev.wspolicy.fleet")
			.layer("effort")
			.definedBy("dev.wspolicy.effort")
			.layer("json")
			.definedBy("dev.wspolicy.json")
			.layer("redaction")
			.definedBy("dev.wspolicy.redaction")
			.layer("recording")
			.definedBy("dev.wspolicy.recording")
			.layer("policy")
			.definedBy("dev.wspolicy.policy..")
			.layer("rollout")
			.definedBy("dev.wspolicy.rollout")
			.layer("pipeline")
			.definedBy("dev.wspolicy.pipeline")
			.layer("relay")
			.definedBy("dev.wspolicy.relay")
			.layer("netty")
			.definedBy("dev.wspolicy.netty")
			.whereLayer("frame")
			.mayNotAccessAnyLayer()
			.whereLayer("effort")
			.mayNotAccessAnyLayer()
			.whereLayer("session")
			.mayOnlyAccessLayers("frame")
			.whereLayer("fleet")
			.mayOnlyAccessLayers("rollout", "session", "frame")
			.whereLayer("json")
			.mayOnlyAccessLayers("frame")
			.whereLayer("redaction")
			.mayOnlyAccessLayers("json", "effort", "frame")
			.whereLayer("recording")
			.mayOnlyAccessLayers("redaction", "session", "frame")
			.whereLayer("policy")
			.mayOnlyAccessLayers("json", "session", "frame")
			.whereLayer("rollout")
			.mayOnlyAccessLayers("policy", "session", "frame")
			.whereLayer("pipeline")
			.mayOnlyAccessLayers("rollout", "policy", "session", "frame")
			.whereLayer("relay")
			.mayOnlyAccessLayers("pipeline", "policy", "session", "frame")
			.whereLayer("netty")
			.mayOnlyAccessLayers("relay", "pipeline", "rollout", "policy", "session", "frame"));
	}

	@Test
	void policiesAndSessionsDoNotReachIntoFrames() {
		this.core.check(ArchRuleDefinition.noClasses()
			.that()
			.resideInAnyPackage("dev.wspolicy.policy..", "dev.wspolicy.session", "dev.wspolicy.pipeline")
			.should()
			.dependOnClassesThat()
			.belongToAnyOf(FrameAccess.class, Payload.class, Utf8.class));
	}

	@Test
	void noCycles() {
		this.core.check(SlicesRuleDefinition.slices().matching("dev.wspolicy.(*)..").should().beFreeOfCycles());
	}

	/**
	 * A frame goes from stage to stage, and a stage returns what it has decided. Only
	 * {@link Relay} knows all parts.
	 */
	@Test
	void classesOfTheRelayFormNoCycles() {
		SliceAssignment parts = new SliceAssignment() {

			@Override
			public SliceIdentifier getIdentifierOf(JavaClass type) {
				String topLevel = type.getName().replaceFirst("\\$.*", "");
				boolean part = type.getPackageName().equals(Relay.class.getPackageName())
						&& !topLevel.equals(Relay.class.getName()) && !topLevel.equals(RelayControl.class.getName());
				return part ? SliceIdentifier.of(topLevel) : SliceIdentifier.ignore();
			}

			@Override
			public String getDescription() {
				return "the classes of the relay, apart from its facade";
			}

		};
		this.core.check(SlicesRuleDefinition.slices().assignedFrom(parts).should().beFreeOfCycles());
	}

	@Test
	void knowsNeitherBootNorGateway() {
		this.core.check(ArchRuleDefinition.noClasses()
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.springframework.boot..", "org.springframework.cloud..",
					"org.springframework.context..", "org.springframework.beans.."));
	}

	@Test
	void framesPipelinesAndRelayKnowNoFramework() {
		this.core.check(ArchRuleDefinition.noClasses()
			.that()
			.resideInAnyPackage("dev.wspolicy.frame", "dev.wspolicy.pipeline", "dev.wspolicy.relay")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("io.netty..", "reactor..", "org.springframework.."));
	}

	@Test
	void onlyTheNettyPackageSeesByteBufs() {
		this.core.check(ArchRuleDefinition.noClasses()
			.that()
			.resideOutsideOfPackage("dev.wspolicy.netty")
			.should()
			.dependOnClassesThat()
			.areAssignableTo(ByteBuf.class));
	}

}
