package dev.wspolicy.rollout;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.session.TestSession;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Share}.
 */
class ShareTests {

	@ParameterizedTest
	@CsvSource({ "0%, 0", "5%, 50000", "12.5 %, 125000", "0.0001%, 1", "0.50000%, 5000", "100%, 1000000",
			"100.00000%, 1000000" })
	void percentages(String text, int parts) {
		assertThat(Share.parse(text).parts()).isEqualTo(parts);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "5", "%", "five%", "-1%", "100.1%", "5%5%", "0.00001%", "99.99999%", "1e-999999999%",
			"1e999999999%" })
	void everythingElseIsRejected(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> Share.parse(text)).withMessageStartingWith("share: ");
	}

	@ParameterizedTest
	@CsvSource({ "5%, 400, 600", "50%, 4800, 5200", "0%, 0, 0", "100%, 10000, 10000" })
	void includesAboutAsManyClients(String text, long least, long most) {
		Share share = Share.parse(text);
		assertThat(included(share, ShareTests::user)).isBetween(least, most);
		assertThat(included(share, ShareTests::address)).isBetween(least, most);
	}

	private static long included(Share share, IntFunction<UpgradeContext> clients) {
		return IntStream.range(0, 10_000).filter((number) -> share.includes(clients.apply(number), "policy")).count();
	}

	@Test
	void staysTheSameForAClient() {
		Share share = Share.parse("50%");
		// Fixed, because all gateways of a fleet must agree, whatever their version.
		assertThat(IntStream.range(0, 8).filter((number) -> share.includes(user(number), "policy"))).containsExactly(7);
		assertThat(IntStream.range(0, 1000).filter((number) -> share.includes(user(number), "policy")).boxed())
			.isNotEqualTo(IntStream.range(0, 1000)
				.filter((number) -> share.includes(user(number), "other"))
				.boxed()
				.toList());
	}

	@Test
	void largerShareIncludesTheSmaller() {
		assertThat(IntStream.range(0, 1000)).allSatisfy((number) -> {
			if (Share.parse("5%").includes(user(number), "policy")) {
				assertThat(Share.parse("20%").includes(user(number), "policy")).isTrue();
			}
		});
	}

	private static UpgradeContext user(int number) {
		return upgrade("user-" + number, new InetSocketAddress("10.0.0.1", 1000 + number));
	}

	private static UpgradeContext address(int number) {
		return upgrade(null, new InetSocketAddress("10.0." + number / 256 + "." + number % 256, 1000 + number));
	}

	private static UpgradeContext upgrade(@Nullable String user, InetSocketAddress address) {
		return new TestSession("id", "route", user, address, Instant.EPOCH).upgrade();
	}

}
