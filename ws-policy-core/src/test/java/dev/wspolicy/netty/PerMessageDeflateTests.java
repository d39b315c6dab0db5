package dev.wspolicy.netty;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.pipeline.Compression;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is offered, accepted and agreed upon (RFC 7692 section 7.1).
 */
class PerMessageDeflateTests {

	private static final Compression ON = new Compression(true, true, true, -1, 64);

	private static final Compression SMALL = new Compression(true, true, true, -1, 64, 11, 5);

	private static final Compression WITHOUT_CONTEXT = new Compression(true, true, false, 1, 0);

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			permessage-deflate | permessage-deflate
			PERMESSAGE-DEFLATE | permessage-deflate
			permessage-deflate;; client_max_window_bits; | permessage-deflate
			permessage-deflate; client_max_window_bits | permessage-deflate
			permessage-deflate; client_max_window_bits=9 | permessage-deflate
			permessage-deflate; server_max_window_bits=15 | permessage-deflate; server_max_window_bits=15
			permessage-deflate; server_no_context_takeover | permessage-deflate; server_no_context_takeover
			permessage-deflate; client_no_context_takeover | permessage-deflate; client_no_context_takeover
			permessage-deflate; server_max_window_bits=10 | permessage-deflate; server_max_window_bits=10
			permessage-deflate; server_max_window_bits=9 | permessage-deflate; server_max_window_bits=9
			permessage-deflate; server_max_window_bits=8, permessage-deflate | permessage-deflate
			x-webkit-deflate-frame, permessage-deflate | permessage-deflate
			; , ;;x=1, permessage-deflate, ; | permessage-deflate
			x; y="a, b", permessage-deflate; client_max_window_bits="10" | permessage-deflate
			x; y="\\\", z", permessage-deflate | permessage-deflate
			""")
	void clientsOfferIsAccepted(String offer, String answer) {
		assertThat(accept(offer, ON).answer()).isEqualTo(answer);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ";", " ; x, ,", "x-webkit-deflate-frame",
			"permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits",
			"permessage-deflate; client_max_window_bits=16", "permessage-deflate; client_max_window_bits=7",
			"permessage-deflate; client_no_context_takeover=1", "permessage-deflate; unknown",
			"permessage-deflate; client_max_window_bits=10; client_max_window_bits",
			"permessage-deflate; server_no_context_takeover; server_no_context_takeover",
			"x; y=\"a, permessage-deflate, b\"", "x; y=\"a, permessage-deflate", "x; y=\"\\\", permessage-deflate" })
	void clientsOfferIsDeclined(String offer) {
		assertThat(accept(offer, ON)).isNull();
	}

	@Test
	void offersMayStandInSeveralLines() {
		assertThat(PerMessageDeflate.accept(List.of("x-unknown", "permessage-deflate"), ON)).isNotNull();
	}

	@Test
	void nothingIsAcceptedOrOfferedWhenOff() {
		assertThat(accept("permessage-deflate", Compression.OFF)).isNull();
		assertThat(PerMessageDeflate.offer(Compression.OFF)).isNull();
		assertThat(PerMessageDeflate.agreed(List.of("permessage-deflate"), Compression.OFF)).isNull();
	}

	@Test
	void contextIsNotKeptAgainstTheSetting() {
		PerMessageDeflate accepted = accept("permessage-deflate", WITHOUT_CONTEXT);
		assertThat(accepted.answer())
			.isEqualTo("permessage-deflate; server_no_context_takeover; client_no_context_takeover");
		assertThat(accepted.inflateTakeover()).isFalse();
		assertThat(accepted.deflateTakeover()).isFalse();
		assertThat(PerMessageDeflate.offer(WITHOUT_CONTEXT))
			.isEqualTo("permessage-deflate; client_no_context_takeover; server_no_context_takeover");
	}

	@Test
	void eachSideKeepsItsContextByItself() {
		PerMessageDeflate accepted = accept("permessage-deflate; server_no_context_takeover", ON);
		assertThat(accepted.inflateTakeover()).isTrue();
		assertThat(accepted.deflateTakeover()).isFalse();
		PerMessageDeflate agreed = agreed("permessage-deflate; server_no_context_takeover", ON);
		assertThat(agreed.inflateTakeover()).isFalse();
		assertThat(agreed.deflateTakeover()).isTrue();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					permessage-deflate | permessage-deflate; server_max_window_bits=11 | 15 | 11
					permessage-deflate; server_max_window_bits=9 | permessage-deflate; server_max_window_bits=9 | 15 | 9
					permessage-deflate; server_max_window_bits=12 | permessage-deflate; server_max_window_bits=11 | 15 | 11
					permessage-deflate; client_max_window_bits | permessage-deflate; server_max_window_bits=11; client_max_window_bits=11 | 11 | 11
					permessage-deflate; client_max_window_bits=10 | permessage-deflate; server_max_window_bits=11; client_max_window_bits=10 | 10 | 11
					permessage-deflate; client_max_window_bits=8 | permessage-deflate; server_max_window_bits=11; client_max_window_bits=8 | 9 | 11
					""")
	void clientIsLimitedToTheConfiguredWindow(String offer, String answer, int inflateWindow, int deflateWindow) {
		PerMessageDeflate accepted = accept(offer, SMALL);
		assertThat(accepted.answer()).isEqualTo(answer);
		assertThat(accepted.inflateWindow()).isEqualTo(inflateWindow);
		assertThat(accepted.deflateWindow()).isEqualTo(deflateWindow);
		assertThat(accepted.memLevel()).isEqualTo(5);
	}

	@Test
	void windowOfTheClientIsNotUsedUnlessItIsConfigured() {
		assertThat(accept("permessage-deflate; client_max_window_bits=10", ON).inflateWindow()).isEqualTo(15);
	}

	@Test
	void upstreamIsOfferedTheConfiguredWindowFirst() {
		assertThat(PerMessageDeflate.offer(SMALL))
			.isEqualTo("permessage-deflate; server_max_window_bits=11; client_max_window_bits=11, permessage-deflate");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			permessage-deflate | 15 | 11
			permessage-deflate; server_max_window_bits=11 | 11 | 11
			permessage-deflate; server_max_window_bits=8; client_max_window_bits=9 | 9 | 9
			""")
	void upstreamsWindowIsTaken(String answer, int inflateWindow, int deflateWindow) {
		PerMessageDeflate agreed = agreed(answer, SMALL);
		assertThat(agreed.inflateWindow()).isEqualTo(inflateWindow);
		assertThat(agreed.deflateWindow()).isEqualTo(deflateWindow);
	}

	@ParameterizedTest
	@ValueSource(strings = { "permessage-deflate; client_max_window_bits=12",
			"permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits" })
	void upstreamMayNotWidenTheWindowItWasOffered(String answer) {
		assertThat(agreed(answer, SMALL)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "permessage-deflate", "permessage-deflate; server_max_window_bits=8",
			"permessage-deflate; client_no_context_takeover" })
	void upstreamsAnswerIsTaken(String answer) {
		assertThat(agreed(answer, ON)).isNotNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "permessage-bzip2", "permessage-deflate, permessage-deflate",
			"permessage-deflate; client_max_window_bits=10", "permessage-deflate; server_max_window_bits",
			"permessage-deflate; server_max_window_bits=99", "permessage-deflate; unknown=1",
			"permessage-deflate; server_max_window_bits=8; server_max_window_bits=9" })
	void upstreamsAnswerIsNoneToTheOffer(String answer) {
		assertThat(agreed(answer, ON)).isNull();
	}

	@Test
	void upstreamMustGiveUpItsContextWhenAsked() {
		assertThat(agreed("permessage-deflate", WITHOUT_CONTEXT)).isNull();
		assertThat(agreed("permessage-deflate; server_no_context_takeover", WITHOUT_CONTEXT)).isNotNull();
	}

	private static @Nullable PerMessageDeflate accept(String offer, Compression compression) {
		return PerMessageDeflate.accept(List.of(offer), compression);
	}

	private static @Nullable PerMessageDeflate agreed(String answer, Compression compression) {
		return PerMessageDeflate.agreed(List.of(answer), compression);
	}

}
