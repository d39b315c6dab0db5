package dev.wspolicy.demo.policies;

import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Masks card numbers on the way to the upstream: of each run of 13 to 19 digits with a
 * valid check digit, only the last four remain. {@code 4111 1111 1111 1111} becomes
 * {@code •••• •••• •••• 1111}.
 */
@Component
@WsPolicy(direction = Direction.INBOUND, routes = "chat")
@Order(10)
class MaskCardNumbers implements TextPolicy {

	private static final Pattern DIGITS = Pattern.compile("(?<!\\d)\\d(?:[ -]?\\d){12,18}(?!\\d)");

	@Override
	public Verdict apply(String text, FrameContext context) {
		String masked = DIGITS.matcher(text).replaceAll(MaskCardNumbers::mask);
		return masked.equals(text) ? Verdict.forward() : Verdict.replaceText(masked);
	}

	private static String mask(MatchResult match) {
		String digits = match.group().replaceAll("\\D", "");
		return hasValidCheckDigit(digits) ? "•••• •••• •••• " + digits.substring(digits.length() - 4) : match.group();
	}

	/**
	 * The Luhn check: counted from the right, every second digit is doubled, and the sum
	 * of all resulting digits is a multiple of ten.
	 */
	private static boolean hasValidCheckDigit(String digits) {
		int sum = 0;
		for (int index = 0; index < digits.length(); index++) {
			int digit = digits.charAt(digits.length() - 1 - index) - '0';
			int weighted = (index % 2 == 0) ? digit : digit * 2;
			sum += weighted / 10 + weighted % 10;
		}
		return sum % 10 == 0;
	}

}
