package dev.wspolicy.policies;

import java.util.List;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import jakarta.validation.constraints.NotEmpty;
import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Refuses text that matches, or masks what matches. The expressions are RE2's, whose time
 * grows with the length of the text and never with its shape.
 */
@WsPolicy(types = FrameType.TEXT)
final class TextPattern implements FramePolicy {

	static final String NAME = "text-pattern";

	private final List<Pattern> patterns;

	private final Action action;

	private final String replacement;

	private final Refusal refusal;

	TextPattern(Settings settings) {
		this.patterns = settings.patterns().stream().map(TextPattern::compile).toList();
		if (this.patterns.isEmpty()) {
			throw new IllegalArgumentException("patterns: none (expected: one or more)");
		}
		this.action = settings.action();
		this.replacement = settings.replacement();
		this.patterns.forEach((pattern) -> checkReplacement(this.replacement, pattern));
		this.refusal = settings.onViolation().refusal(NAME, CloseStatus.POLICY_VIOLATION);
	}

	private static Pattern compile(String expression) {
		Pattern pattern;
		try {
			pattern = Pattern.compile(expression);
		}
		catch (PatternSyntaxException ex) {
			throw new IllegalArgumentException("patterns: " + ex.getMessage(), ex);
		}
		if (pattern.matches("")) {
			throw new IllegalArgumentException("patterns: '" + expression + "' matches the empty text");
		}
		return pattern;
	}

	/** What would otherwise be found out with the first text that matches. */
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
		String text = ((TextFrame) frame).text();
		return (this.action == Action.DENY) ? deny(text, context) : mask(text);
	}

	private Verdict deny(String text, FrameContext context) {
		for (Pattern pattern : this.patterns) {
			if (pattern.matcher(text).find()) {
				return this.refusal.in(context);
			}
		}
		return Verdict.forward();
	}

	private Verdict mask(String text) {
		String masked = text;
		for (Pattern pattern : this.patterns) {
			Matcher matcher = pattern.matcher(masked);
			if (matcher.find()) {
				masked = matcher.replaceAll(this.replacement);
			}
		}
		return masked.equals(text) ? Verdict.forward() : Verdict.replaceText(masked);
	}

	/**
	 * What is done with text that matches.
	 */
	enum Action {

		/**
		 * It is refused.
		 */
		DENY,

		/**
		 * What matches is replaced.
		 */
		MASK

	}

	/**
	 * The settings.
	 *
	 * @param patterns RE2 expressions
	 * @param action what to do with text that matches one of them
	 * @param replacement what stands in place of what matches; {@code $1} is a group
	 * @param onViolation what to do with a text that is denied
	 */
	record Settings(@DefaultValue @NotEmpty List<String> patterns, @DefaultValue("deny") Action action,
			@DefaultValue("***") String replacement, @DefaultValue OnViolation onViolation) {

	}

}
