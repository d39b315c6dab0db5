package dev.wspolicy.gateway;

import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import reactor.netty.http.Http2SettingsSpec;
import reactor.netty.http.server.HttpServer;

/**
 * Lets the web server advertise that it accepts extended CONNECT requests
 * (<a href="https://www.rfc-editor.org/rfc/rfc8441#section-3">RFC 8441, section 3</a>).
 * Runs after all other customizers, since Reactor Netty replaces all settings at once:
 * those that have been made are repeated.
 */
public final class Http2ServerCustomizer implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory>, Ordered {

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public void customize(NettyReactiveWebServerFactory factory) {
		factory.addServerCustomizers(Http2ServerCustomizer::enable);
	}

	private static HttpServer enable(HttpServer server) {
		Http2SettingsSpec settings = server.configuration().http2SettingsSpec();
		return server.http2Settings((builder) -> {
			if (settings != null) {
				repeat(settings, builder);
			}
			builder.connectProtocolEnabled(true);
		});
	}

	private static void repeat(Http2SettingsSpec settings, Http2SettingsSpec.Builder builder) {
		set(settings.headerTableSize(), builder::headerTableSize);
		set(settings.initialWindowSize(), builder::initialWindowSize);
		set(settings.maxConcurrentStreams(), builder::maxConcurrentStreams);
		set(settings.maxFrameSize(), builder::maxFrameSize);
		set(settings.maxHeaderListSize(), builder::maxHeaderListSize);
		set(settings.maxStreams(), builder::maxStreams);
		set(settings.pingAckTimeout(), builder::pingAckTimeout);
		set(settings.pingAckDropThreshold(), builder::pingAckDropThreshold);
		Integer decoded = settings.maxDecodedRstFramesPerWindow();
		Integer decodedSeconds = settings.maxDecodedRstFramesSecondsPerWindow();
		if (decoded != null && decodedSeconds != null) {
			builder.maxDecodedRstFramesPerWindow(decoded, decodedSeconds);
		}
		Integer encoded = settings.maxEncodedRstFramesPerWindow();
		Integer encodedSeconds = settings.maxEncodedRstFramesSecondsPerWindow();
		if (encoded != null && encodedSeconds != null) {
			builder.maxEncodedRstFramesPerWindow(encoded, encodedSeconds);
		}
	}

	private static <T> void set(@Nullable T value, Consumer<T> target) {
		if (value != null) {
			target.accept(value);
		}
	}

}
