package dev.wspolicy.redis;

import java.time.Duration;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Lets a gateway wait longer for the answers of the others than an application does: the
 * machine may be busy with other tests.
 */
@Configuration(proxyBeanMethods = false)
public class PatientFleet {

	@Bean
	FleetTimeouts patientFleetTimeouts() {
		return new FleetTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(5), FleetTimeouts.DEFAULT.join(),
				FleetTimeouts.DEFAULT.leave());
	}

}
