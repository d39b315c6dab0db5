package dev.wspolicy.builtin;

import java.util.List;

import com.google.re2j.Pattern;
import jakarta.validation.constraints.NotEmpty;
import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.builtin.support.EventLoopGuard;
import dev.wspolicy.builtin.support.SettingCheck;
import dev.wspolicy.builtin.support.ViolationSettings;
import dev.wspolicy.builtin.support.ViolationVerdict;
import dev.wspolicy.effort.Effort;
import dev.wspolicy.effort.MeteredSearch;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Refuses text messages that match an RE2 expression, or masks the matches.
 */
@WsPolicy(types = FrameType.TEXT)
final class TextPatternPolicy implements FramePolicy {

	static final String NAME = "text-pattern";

	private static final String DEFAULT_REPLACEMENT = "***";

	private final List<Pattern> patterns;

	private final Action action;

	private final String replacement;

	private final ViolationVerdict violation;

	/** Text that cannot be searched to the end is never forwarded. */
	private final ViolationVerdict unsearched;

	TextPatternPolicy(Settings settings) {
		this.patterns = settings.patterns().stream().map(TextPatternPolicy::compile).toList();
		if (this.patterns.isEmpty()) {
			throw new IllegalArgumentException("patterns: none (expected: one or more)");
		}
		this.action = settings.action();
		this.replacement = settings.replacement();
		this.patterns.forEach((pattern) -> checkReplacement(this.replacement, pattern));
		if (this.action == Action.DENY) {
			SettingCheck.notApplicable("replacement", this.replacement, DEFAULT_REPLACEMENT,
					"supported with 'action: mask' only");
		}
		else {
			SettingCheck.notApplicable("on-violation", settings.onViolation(), ViolationSettings.DEFAULT,
					"supported with 'action: deny' only");
		}
		this.violation = settings.onViolation().verdict(NAME, CloseStatus.POLICY_VIOLATION);
		this.unsearched = ViolationVerdict.close(CloseStatus.POLICY_VIOLATION.withReason("cannot be searched"));
	}

	private static Pattern compile(String expression) {
		try {
			return MeteredSearch.compile(expression);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("patterns: " + ex.getMessage(), ex);
		}
	}

	/** RE2J itself would reject the replacement only on the first match. */
	private static void checkReplacement(String replacement, Pattern pattern) {
		for (int i = 0; i < replacement.length(); i++) {
			char character = replacement.charAt(i);
			if (character != '\\' && character != '$') {
				continue;
			}
			char next = (i + 1 < replacement.length()) ? replacement.charAt(i + 1) : ' ';
			boolean escape = character == '\\' && (next == '\\' || next == '$');
			boolean group = character == '$' && next >= '0' && next <= '9' && next - '0' <= pattern.groupCount();
			if (!escape && !group) {
				throw new IllegalArgumentException("replacement: '" + replacement + "' (expected: $n for a group that '"
						+ pattern + "' has; \\$ and \\\\ for those characters)");
			}
			i++;
		}
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		return EventLoopGuard.evaluate(frame, (effort) -> evaluate(((TextFrame) frame).text(), context, effort),
				() -> this.unsearched.in(context));
	}

	private Verdict evaluate(String text, FrameContext context, Effort effort) {
		return (this.action == Action.DENY) ? deny(text, context, effort) : mask(text, effort);
	}

	private Verdict deny(String text, FrameContext context, Effort effort) {
		for (Pattern pattern : this.patterns) {
			if (MeteredSearch.find(pattern, text, effort)) {
				return this.violation.in(context);
			}
		}
		return Verdict.forward();
	}

	private Verdict mask(String text, Effort effort) {
		String masked = text;
		for (Pattern pattern : this.patterns) {
			masked = MeteredSearch.replaceAll(pattern, masked, this.replacement, effort);
		}
		return masked.equals(text) ? Verdict.forward() : Verdict.replaceText(masked);
	}

	/**
	 * What to do with text that matches.
	 */
	enum Action {

		/**
		 * Refuse the message.
		 */
		DENY,

		/**
		 * Replace the matches.
		 */
		MASK

	}

	/**
	 * The settings.
	 *
	 * @param patterns the RE2 expressions to search for
	 * @param action what to do with text that matches
	 * @param replacement the replacement of a match, in which {@code $1} refers to a
	 * group
	 * @param onViolation the response to text that is denied
	 */
	record Settings(@DefaultValue @NotEmpty List<String> patterns, @DefaultValue("deny") Action action,
			@DefaultValue(DEFAULT_REPLACEMENT) String replacement, @DefaultValue ViolationSettings onViolation) {

	}

}
