package dev.wspolicy.gateway;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A session whose legs are compressed or not. The peers use zlib's own classes, never the
 * code under test.
 *
 * @param gateway the gateway
 * @param client the client
 * @param upstream the upstream
 */
record CompressedConversation(GatewayExtension gateway, End client, End upstream) implements AutoCloseable {

	static final int KILOBYTE = 1024;

	static final Duration TIMEOUT = Duration.ofMinutes(1);

	End end(Side side) {
		return (side == Side.CLIENT) ? this.client : this.upstream;
	}

	void closeBy(Side side, WireFrame close) {
		end(side).send(close.from(side));
		expectCloseBy(side, close);
	}

	void expectCloseBy(Side side, WireFrame close) {
		WireFrame arrived = end(side.peer()).peer.receiveFrame();
		assertThat(arrived.unmasked()).isEqualTo(close);
		end(side.peer()).send(arrived.unmasked().from(side.peer()));
		assertThat(end(side).peer.receiveFrame().unmasked()).isEqualTo(close);
		new RawSession(this.client.peer, this.upstream.peer).endInOrder();
		Termination termination = this.gateway.termination();
		assertThat(termination.cause()).isEqualTo(Cause.CLOSE_FRAME);
		assertThat(termination.initiator()).isEqualTo((side == Side.CLIENT) ? Initiator.CLIENT : Initiator.UPSTREAM);
	}

	@Override
	public void close() {
		this.client.peer.close();
		this.upstream.peer.close();
	}

	enum Legs {

		CLIENT, UPSTREAM, BOTH;

		boolean compressed(Side side) {
			return this == BOTH || name().equals(side.name());
		}

	}

	enum Content {

		/** Compresses well. */
		TEXT(WireFrame.TEXT),

		/** Does not compress well. */
		NOISE(WireFrame.BINARY);

		private final int opcode;

		Content(int opcode) {
			this.opcode = opcode;
		}

		byte[] ofSize(int size) {
			byte[] bytes = new byte[size];
			if (this == NOISE) {
				new Random(size).nextBytes(bytes);
				return bytes;
			}
			Arrays.fill(bytes, (byte) 'x');
			byte[] phrase = "{\"to\": \"\u00fcr\", \"text\": \"\u4e16\u754c \ud83d\ude42\"}\n"
				.getBytes(StandardCharsets.UTF_8);
			for (int start = 0; start + phrase.length <= size; start += phrase.length) {
				System.arraycopy(phrase, 0, bytes, start, phrase.length);
			}
			return bytes;
		}

	}

	enum Rewriting {

		NONE,

		/** Adds one character or byte. */
		REWRITTEN;

		/** The expected result of the policy. */
		byte[] apply(byte[] message) {
			if (this == NONE) {
				return message;
			}
			byte[] made = Arrays.copyOf(message, message.length + 1);
			made[message.length] = '!';
			return made;
		}

	}

	/** A peer of a session, which compresses messages if that was negotiated. */
	static final class End {

		private final Side side;

		final RawPeer peer;

		private final @Nullable WireDeflate deflate;

		End(Side side, RawPeer peer, Legs legs) {
			this.side = side;
			this.peer = peer.timeout(TIMEOUT);
			this.deflate = legs.compressed(side) ? new WireDeflate() : null;
		}

		WireFrame[] frames(Content content, byte[] message, int fragments) {
			WireFrame frame = (this.deflate != null) ? this.deflate.message(content.opcode, message)
					: WireFrame.of(content.opcode, message);
			return frame.from(this.side).fragments(frame.payload().length / fragments + 1);
		}

		void send(WireFrame... frames) {
			this.peer.send(frames);
		}

		CompletableFuture<Void> sendAsync(WireFrame... frames) {
			return this.peer.sendAsync(WireFrame.encodeAll(frames));
		}

		byte[] receive(Content content) {
			WireFrame frame = this.peer.receiveFrame();
			assertThat(frame.opcode()).isEqualTo(content.opcode);
			assertThat(frame.rsv()).isEqualTo((this.deflate != null) ? 4 : 0);
			ByteArrayOutputStream payload = new ByteArrayOutputStream();
			payload.writeBytes(frame.payload());
			while (!frame.fin()) {
				frame = this.peer.receiveFrame();
				assertThat(frame.opcode()).isEqualTo(WireFrame.CONTINUATION);
				assertThat(frame.rsv()).isZero();
				payload.writeBytes(frame.payload());
			}
			if (this.deflate == null) {
				return payload.toByteArray();
			}
			byte[] message = this.deflate.inflate(payload.toByteArray());
			if (content == Content.TEXT && message.length > KILOBYTE) {
				assertThat(payload.size()).isLessThan(message.length / 10);
			}
			return message;
		}

		/**
		 * Reads up to the close frame, skipping the rest of a message, and replies to it.
		 */
		int closed() {
			WireFrame frame = this.peer.receiveFrame();
			while (frame.opcode() != WireFrame.CLOSE) {
				frame = this.peer.receiveFrame();
			}
			send(frame.unmasked().from(this.side));
			this.peer.shutdownOutput();
			return frame.closeCode();
		}

	}

}
