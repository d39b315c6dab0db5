package dev.wspolicy.rollout;

import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.zip.CRC32;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.UpgradeContext;

/**
 * A share of all clients. Whether a client belongs to it depends on its principal, or on
 * its address if it has none or is Spring Security's anonymous user, so the same client
 * always gets the same answer, on each gateway and after a restart. Another policy
 * selects other clients.
 *
 * @param parts the size of the share, in parts of {@link #ALL}
 */
record Share(int parts) {

	/** What all clients make up, fine enough for a share of 0.0001 %. */
	static final int ALL = 1_000_000;

	/**
	 * The principal of all clients that have not authenticated. By its name, because
	 * Spring Security need not be there.
	 */
	private static final String ANONYMOUS = "org.springframework.security.authentication.AnonymousAuthenticationToken";

	/**
	 * Reads a percentage.
	 * @param text a number from 0 to 100 and a percent sign, such as {@code 5%}
	 * @return the share
	 * @throws IllegalArgumentException if the text is not a percentage
	 */
	static Share parse(String text) {
		String trimmed = text.trim();
		if (!trimmed.endsWith("%")) {
			throw new IllegalArgumentException("share: " + text + " (expected: a percentage such as 5%)");
		}
		BigDecimal percent;
		try {
			percent = new BigDecimal(trimmed.substring(0, trimmed.length() - 1).trim());
		}
		catch (NumberFormatException ex) {
			throw new IllegalArgumentException("share: " + text + " (expected: a percentage such as 5%)", ex);
		}
		if (percent.signum() < 0 || percent.compareTo(BigDecimal.valueOf(100)) > 0) {
			throw new IllegalArgumentException("share: " + text + " (expected: 0% to 100%)");
		}
		try {
			return new Share(percent.movePointRight(4).intValueExact());
		}
		catch (ArithmeticException ex) {
			throw new IllegalArgumentException("share: " + text + " (expected: at most four decimals)", ex);
		}
	}

	boolean isAll() {
		return this.parts == ALL;
	}

	/** Whether the client of an upgrade belongs to the share of a policy. */
	boolean includes(UpgradeContext upgrade, String policy) {
		return isAll() || part(policy + "\n" + client(upgrade)) < this.parts;
	}

	private static String client(UpgradeContext upgrade) {
		Principal principal = upgrade.principal();
		if (principal != null && !isAnonymous(principal)) {
			return "principal " + principal.getName();
		}
		InetSocketAddress address = upgrade.remoteAddress();
		return "address " + ((address != null) ? host(address) : "");
	}

	private static boolean isAnonymous(Principal principal) {
		for (Class<?> type = principal.getClass(); type != null; type = type.getSuperclass()) {
			if (type.getName().equals(ANONYMOUS)) {
				return true;
			}
		}
		return false;
	}

	private static @Nullable String host(InetSocketAddress address) {
		return address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
	}

	/** Spreads keys evenly; equal in all versions of Java. */
	private static int part(String key) {
		CRC32 crc = new CRC32();
		crc.update(key.getBytes(StandardCharsets.UTF_8));
		long bits = crc.getValue() * 0x9E3779B97F4A7C15L;
		bits ^= bits >>> 32;
		bits *= 0xD6E8FEB86659FD93L;
		return (int) Long.remainderUnsigned(bits ^ (bits >>> 32), ALL);
	}

}
