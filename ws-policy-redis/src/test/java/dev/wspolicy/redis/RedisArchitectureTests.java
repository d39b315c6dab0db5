package dev.wspolicy.redis;

import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import dev.wspolicy.testkit.ProductClasses;

/**
 * Only this module knows Redis.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisArchitectureTests {

	// Not static, or it would stay for as long as the JVM lives
	private final ProductClasses classes = ProductClasses.onTheClassPath();

	@Test
	void onlyThisModuleSeesRedis() {
		this.classes.check(ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage("dev.wspolicy..")
			.and()
			.resideOutsideOfPackage("dev.wspolicy.redis..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.springframework.data..", "io.lettuce..", "dev.wspolicy.redis.."));
	}

	@Test
	void thisModuleSeesOnlyTheApi() {
		this.classes.check(ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage("dev.wspolicy.redis..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("dev.wspolicy.relay..", "dev.wspolicy.netty..", "dev.wspolicy.pipeline..",
					"dev.wspolicy.gateway..", "dev.wspolicy.actuate..", "dev.wspolicy.autoconfigure.."));
	}

}
