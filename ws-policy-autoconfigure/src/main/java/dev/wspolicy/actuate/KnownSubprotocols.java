package dev.wspolicy.actuate;

import java.util.List;
import java.util.Set;

import dev.wspolicy.pipeline.NamePattern;

/**
 * Distinguishes known subprotocols from values that may be secrets, such as a token that
 * is sent as a subprotocol. The difference cannot be derived from the value, so only
 * well-known subprotocols and those that the application configures count as known.
 */
public final class KnownSubprotocols {

	/** The subprotocols of the IANA registry, and others in wide use. */
	private static final Set<String> WELL_KNOWN = Set.of("soap", "wamp", "wamp.2.json", "wamp.2.msgpack", "v10.stomp",
			"v11.stomp", "v12.stomp", "ocpp1.2", "ocpp1.5", "ocpp1.6", "ocpp2.0", "ocpp2.0.1", "ocpp2.1", "rfb", "sip",
			"wpcp", "amqp", "amqpwsb10", "mqtt", "mqttv3.1", "mqttv3.1.1", "jsflow", "rwpcp", "xmpp", "xmpp-framing",
			"ship", "msrp", "bfcp", "opcua+uacp", "opcua+uajson", "coap", "oneM2M.R2.0.json", "oneM2M.R2.0.xml",
			"oneM2M.R2.0.cbor", "oneM2M.R2.0.bin", "clue", "jmap", "t140", "dc.bsc.bacnet.org", "hub.bsc.bacnet.org",
			"text.ircv3.net", "binary.ircv3.net", "graphql-ws", "graphql-transport-ws", "actioncable-v1-json",
			"actioncable-unsupported", "vite-hmr", "v1.usp", "v4.channel.k8s.io", "v5.channel.k8s.io");

	private final List<NamePattern> configured;

	/**
	 * Creates an instance that also knows the configured subprotocols.
	 * @param configured patterns of further subprotocols
	 */
	public KnownSubprotocols(List<String> configured) {
		this.configured = configured.stream().map(NamePattern::of).toList();
	}

	/**
	 * Return whether a subprotocol is known.
	 * @param subprotocol the subprotocol
	 * @return {@code true} if it is certainly not a secret
	 */
	public boolean contains(String subprotocol) {
		return WELL_KNOWN.contains(subprotocol)
				|| !this.configured.isEmpty() && NamePattern.admits(this.configured, subprotocol);
	}

}
