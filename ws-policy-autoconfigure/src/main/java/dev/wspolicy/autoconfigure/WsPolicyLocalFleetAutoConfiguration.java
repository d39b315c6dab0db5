package dev.wspolicy.autoconfigure;

import java.util.List;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

import dev.wspolicy.actuate.KnownSubprotocols;
import dev.wspolicy.fleet.Fleet;
import dev.wspolicy.fleet.FleetCommands;
import dev.wspolicy.fleet.GatewayName;
import dev.wspolicy.fleet.LocalFleet;
import dev.wspolicy.fleet.LocalGateway;
import dev.wspolicy.fleet.PrincipalToken;
import dev.wspolicy.fleet.RevocationList;
import dev.wspolicy.fleet.Revocations;
import dev.wspolicy.fleet.SentRevocations;
import dev.wspolicy.fleet.SessionDirectory;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.session.Drain;
import dev.wspolicy.session.SessionRegistry;

/**
 * Auto-configuration for the fleet, which is this gateway alone unless a module connects
 * several.
 */
@AutoConfiguration(after = WsPolicyAutoConfiguration.class)
@ConditionalOnBean(SessionRegistry.class)
public final class WsPolicyLocalFleetAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	GatewayName wsPolicyGatewayName(WsPolicyProperties properties) {
		try {
			return GatewayName.of(properties.getFleet().getGateway());
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidPipelineException(
					"The property 'ws-policy.fleet.gateway' is '" + properties.getFleet().getGateway() + "'.",
					"Set it to 1 to 64 letters, digits, dots, dashes and underscores.", ex);
		}
	}

	@Bean
	@ConditionalOnMissingBean
	RevocationList wsPolicyRevocationList(SessionRegistry registry, ObjectProvider<PrincipalToken.Reader> tokens) {
		return new RevocationList(registry, tokens.getIfAvailable(() -> (principal) -> PrincipalToken.UNKNOWN));
	}

	@Bean
	@ConditionalOnMissingBean
	LocalGateway wsPolicyLocalGateway(GatewayName name, SessionRegistry registry, ObjectProvider<Drain> drain,
			RevocationList revocations, ObjectProvider<KnownSubprotocols> subprotocols,
			ObjectProvider<PolicySwitch> policies) {
		// The drain and the switch are looked up late: they depend on the pipelines,
		// whose policies may depend on this
		return new LocalGateway(name.value(), registry, drain::getIfAvailable, revocations,
				subprotocols.getIfAvailable(() -> new KnownSubprotocols(List.of()))::contains,
				policies::getIfAvailable);
	}

	@Bean
	@ConditionalOnMissingBean({ SessionDirectory.class, FleetCommands.class })
	LocalFleet wsPolicyLocalFleet(LocalGateway gateway) {
		return new LocalFleet(gateway);
	}

	@Bean
	@ConditionalOnMissingBean
	Fleet wsPolicyFleet(LocalGateway gateway, SessionDirectory directory, FleetCommands commands) {
		return new Fleet(gateway, directory, commands);
	}

	@Bean
	@ConditionalOnMissingBean
	Revocations wsPolicyRevocations(RevocationList list, FleetCommands commands) {
		return new SentRevocations(list, commands);
	}

}
