package dev.wspolicy.netty;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/**
 * Registers the channel handlers, whose methods Netty looks up to skip those that only
 * pass an event on, and the fields that are accessed through handles. Without the former,
 * a native image would call every handler for every event.
 */
public final class NettyRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.reflection()
			.registerTypes(TypeReference.listOf(EarlyBytes.class, LegHandler.class, LostConnection.class,
					ResetStreams.class, StreamCodec.class, StreamWatch.class, UnreadFrames.class, UpgradeWatch.class,
					UpstreamHandshake.class, UpstreamHandshake.Connecting.class, UpstreamHandshake.Silence.class,
					UpstreamLeg.class), (type) -> {
					});
		hints.reflection().registerType(TypeReference.of(SessionLoop.class), (type) -> type.withField("waitingCalls"));
		hints.reflection().registerType(TypeReference.of(WirePayload.class), (type) -> type.withField("state"));
	}

}
