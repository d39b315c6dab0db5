package dev.wspolicy.demo.upstream;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;

/**
 * A room whose members get every text message, including their own, and are told who
 * joins and leaves. It runs on one event loop.
 * <p>
 * {@code /close 4001 see you} asks the room to close the connection with that status.
 */
class ChatRoom {

	private static final Pattern CLOSE_REQUEST = Pattern.compile("/close (\\d{4}) ?(.{0,40})");

	/**
	 * How many unread messages a member may have before being disconnected.
	 */
	private static final int BACKLOG = 1024;

	private final Sinks.Many<String> messages = Sinks.many().multicast().directBestEffort();

	/**
	 * Adds a member.
	 * @param name the name of the member
	 * @param in the messages from the member, as whole messages
	 * @param out where messages to the member are sent
	 * @return completes when the member has left
	 */
	Mono<Void> join(String name, WebsocketInbound in, WebsocketOutbound out) {
		Mono<Void> listening = out.sendString(this.messages.asFlux().onBackpressureBuffer(BACKLOG)).then();
		Flux<Void> talking = in.receiveFrames()
			.ofType(TextWebSocketFrame.class)
			.map(TextWebSocketFrame::text)
			.doOnSubscribe((subscription) -> tell("* " + name + " joined"))
			.concatMap((text) -> hear(name, text, out));
		Mono<Void> leaving = in.receiveCloseStatus()
			.doOnNext((status) -> tell("* " + name + " left with " + describe(status)))
			.then();
		return Mono.firstWithSignal(listening, talking.then()).and(leaving);
	}

	private Mono<Void> hear(String name, String text, WebsocketOutbound out) {
		Matcher request = CLOSE_REQUEST.matcher(text);
		if (request.matches()) {
			int code = Integer.parseInt(request.group(1));
			if (WebSocketCloseStatus.isValidStatusCode(code)) {
				return out.sendClose(code, request.group(2));
			}
		}
		tell(name + ": " + text);
		return Mono.empty();
	}

	private void tell(String message) {
		this.messages.emitNext(message, Sinks.EmitFailureHandler.FAIL_FAST);
	}

	private static String describe(WebSocketCloseStatus status) {
		return (status.code() == WebSocketCloseStatus.EMPTY.code()) ? "no status"
				: (status.code() + " " + status.reasonText()).strip();
	}

}
