package dev.wspolicy.demo;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Profile;
import org.springframework.context.annotation.PropertySource;

import dev.wspolicy.redis.PatientFleet;

/**
 * Makes both gateways of the profile {@code fleet} patient. The demo finds it as one of
 * its own classes, since the second gateway has the class path of the test.
 */
@Configuration(proxyBeanMethods = false)
@Profile("fleet")
@PropertySource("classpath:patient-fleet.properties")
@Import(PatientFleet.class)
class PatientFleetConfiguration {

}
