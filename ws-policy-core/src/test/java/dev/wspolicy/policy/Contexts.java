package dev.wspolicy.policy;

import java.net.InetSocketAddress;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.mockito.BDDMockito;
import org.mockito.Mockito;
import org.springframework.http.HttpHeaders;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.UpgradeContext;

/**
 * Doubles of what policies are told.
 */
public final class Contexts {

	private Contexts() {
	}

	public static FrameContext inbound() {
		return frames(Direction.INBOUND, session(upgrade(new HttpHeaders(), List.of(), null)));
	}

	public static FrameContext outbound() {
		return frames(Direction.OUTBOUND, session(upgrade(new HttpHeaders(), List.of(), null)));
	}

	public static FrameContext frames(Direction direction, ProxiedSession session) {
		return new FrameContext() {

			@Override
			public Direction direction() {
				return direction;
			}

			@Override
			public ProxiedSession session() {
				return session;
			}

			@Override
			public String contentType() {
				return "application/json";
			}

		};
	}

	public static ProxiedSession session(UpgradeContext upgrade) {
		Map<String, Object> attributes = new ConcurrentHashMap<>();
		ProxiedSession session = Mockito.mock(ProxiedSession.class);
		BDDMockito.given(session.upgrade()).willReturn(upgrade);
		BDDMockito.given(session.attributes()).willReturn(attributes);
		BDDMockito.given(session.principal()).willAnswer((call) -> upgrade.principal());
		BDDMockito.given(session.clock()).willReturn(System::nanoTime);
		return session;
	}

	public static UpgradeContext upgrade(HttpHeaders headers, List<String> subprotocols, @Nullable String principal) {
		UpgradeContext upgrade = Mockito.mock(UpgradeContext.class);
		BDDMockito.given(upgrade.headers()).willReturn(headers);
		BDDMockito.given(upgrade.offeredSubprotocols()).willReturn(subprotocols);
		BDDMockito.given(upgrade.routeId()).willReturn("route");
		BDDMockito.given(upgrade.remoteAddress()).willReturn(new InetSocketAddress("127.0.0.1", 4711));
		if (principal != null) {
			Principal user = () -> principal;
			BDDMockito.given(upgrade.principal()).willReturn(user);
		}
		return upgrade;
	}

}
