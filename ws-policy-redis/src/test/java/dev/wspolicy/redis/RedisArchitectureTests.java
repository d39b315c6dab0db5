package dev.wspolicy.redis;

import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

import dev.wspolicy.testkit.ProductClasses;

/**
 * Only this module knows Redis.
 */
class RedisArchitectureTests {

	private static final ProductClasses classes = ProductClasses.onTheClassPath();

	@Test
	void onlyThisModuleSeesRedis() {
		classes.check(ArchRuleDefinition.noClasses()
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
		classes.check(ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage("dev.wspolicy.redis..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("dev.wspolicy.relay..", "dev.wspolicy.netty..", "dev.wspolicy.pipeline..",
					"dev.wspolicy.gateway..", "dev.wspolicy.actuate..", "dev.wspolicy.autoconfigure.."));
	}

}
