package dev.wspolicy.session;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * One form for each address, however it is written.
 */
class ClientAddressTests {

	@ParameterizedTest
	@CsvSource({ "203.0.113.7, 203.0.113.7, 4711", "203.0.113.7:99, 203.0.113.7, 99",
			"[203.0.113.7:99], 203.0.113.7, 99", "[2001:db8::1], 2001:db8:0:0:0:0:0:1, 4711",
			"2001:DB8::1, 2001:db8:0:0:0:0:0:1, 4711", "[2001:db8::1]:99, 2001:db8:0:0:0:0:0:1, 99",
			"::ffff:203.0.113.7, 203.0.113.7, 4711", "[::FFFF:cb00:7107], 203.0.113.7, 4711",
			"203.0.113.7:99999, 203.0.113.7, 4711", "203.0.113.7:x, 203.0.113.7, 4711" })
	void numbersInForwardedHeaders(String host, String expected, int port) {
		InetSocketAddress resolved = ClientAddress.resolved(InetSocketAddress.createUnresolved(host, 4711));
		assertThat(resolved).isNotNull();
		assertThat(resolved.isUnresolved()).isFalse();
		assertThat(resolved.getAddress().getHostAddress()).isEqualTo(expected);
		assertThat(resolved.getPort()).isEqualTo(port);
		assertThat(ClientAddress.host(InetSocketAddress.createUnresolved(host, 4711))).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "_Hidden", "proxy:8080", "10.0.0.300", "1", "2001:db8::g" })
	void namesStayNames(String host) {
		InetSocketAddress address = InetSocketAddress.createUnresolved(host, 1);
		assertThat(ClientAddress.resolved(address)).isSameAs(address);
		assertThat(ClientAddress.host(address)).isEqualToIgnoringCase(host);
		assertThat(ClientAddress.network(address, 64)).isEqualTo(ClientAddress.host(address));
	}

	@Test
	void whatNobodyKnowsIsNull() {
		assertThat(ClientAddress.resolved(null)).isNull();
		assertThat(ClientAddress.host(null)).isNull();
		assertThat(ClientAddress.host(InetSocketAddress.createUnresolved("Unknown", 1))).isNull();
		assertThat(ClientAddress.network(InetSocketAddress.createUnresolved("", 1), 64)).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "2001:db8:1:2:3:4:5:6, 64, 2001:db8:1:2:0:0:0:0/64",
			"2001:db8:1:2:ffff::, 64, 2001:db8:1:2:0:0:0:0/64", "2001:db8:1:2:3:4:5:6, 56, 2001:db8:1:0:0:0:0:0/56",
			"2001:db8:ff:ff::, 49, 2001:db8:ff:0:0:0:0:0/49", "2001:db8:1:2:3:4:5:6, 128, 2001:db8:1:2:3:4:5:6/128",
			"ffff::1, 1, 8000:0:0:0:0:0:0:0/1", "203.0.113.7, 64, 203.0.113.7", "::ffff:203.0.113.7, 64, 203.0.113.7" })
	void networks(String host, int prefix, String expected) {
		assertThat(ClientAddress.network(InetSocketAddress.createUnresolved(host, 1), prefix)).isEqualTo(expected);
		assertThat(ClientAddress.network(new InetSocketAddress(host, 1), prefix)).isEqualTo(expected);
	}

	@Test
	void mappedAddressAndZoneOfASocket() throws UnknownHostException {
		byte[] mapped = new byte[16];
		mapped[10] = (byte) 0xff;
		mapped[11] = (byte) 0xff;
		mapped[12] = 10;
		InetAddress ip = Inet6Address.getByAddress(null, mapped, -1);
		assertThat(ip).isInstanceOf(Inet6Address.class);
		assertThat(ClientAddress.host(new InetSocketAddress(ip, 1))).isEqualTo("10.0.0.0");
		byte[] local = new byte[16];
		local[0] = (byte) 0xfe;
		local[1] = (byte) 0x80;
		InetSocketAddress scoped = new InetSocketAddress(Inet6Address.getByAddress(null, local, 7), 1);
		assertThat(ClientAddress.resolved(scoped)).isSameAs(scoped);
		assertThat(ClientAddress.host(scoped)).isEqualTo("fe80:0:0:0:0:0:0:0");
		assertThat(ClientAddress.network(scoped, 64)).isEqualTo("fe80:0:0:0:0:0:0:0/64");
	}

	@ParameterizedTest
	@CsvSource({ "2001:DB8::1, 2001:db8:0:0:0:0:0:1", "[2001:db8::1], 2001:db8:0:0:0:0:0:1",
			"2001:0db8:0::01, 2001:db8:0:0:0:0:0:1", "::ffff:10.0.0.1, 10.0.0.1", "fe80::1%7, fe80:0:0:0:0:0:0:1",
			"Proxy, proxy" })
	void canonical(String host, String expected) {
		assertThat(ClientAddress.canonical(host)).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, 129 })
	void prefixesThatAreNone(int prefix) {
		assertThatIllegalArgumentException().isThrownBy(() -> ClientAddress.checkIpv6Prefix(prefix))
			.withMessage("ipv6-prefix: " + prefix + " (expected: 1 to 128 bits)");
	}

}
