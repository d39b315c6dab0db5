package dev.wspolicy.demo.policies;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Drops messages that contain one of the words in {@code demo.rude-words}. The upstream
 * never gets them.
 */
@Component
@WsPolicy(direction = Direction.INBOUND, routes = "chat")
@Order(20)
class DropRudeWords implements TextPolicy {

	private static final Pattern BETWEEN_WORDS = Pattern.compile("\\P{L}+");

	private final Set<String> rudeWords;

	DropRudeWords(Settings settings) {
		this.rudeWords = settings.rudeWords().stream().map(DropRudeWords::lowerCase).collect(Collectors.toSet());
	}

	@Override
	public Verdict apply(String text, FrameContext context) {
		boolean rude = BETWEEN_WORDS.splitAsStream(lowerCase(text)).anyMatch(this.rudeWords::contains);
		return rude ? Verdict.drop() : Verdict.forward();
	}

	private static String lowerCase(String text) {
		return text.toLowerCase(Locale.ROOT);
	}

	/**
	 * The settings.
	 *
	 * @param rudeWords the words that count as rude, ignoring case
	 */
	@ConfigurationProperties("demo")
	record Settings(@DefaultValue List<String> rudeWords) {

	}

}
