package dev.wspolicy.proving.worst;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * A message as a list of parts, so that it can be changed and still be read by the policy
 * that it is meant for.
 *
 * @param grammar what it may consist of
 * @param parts what it consists of
 */
record Message(Grammar grammar, List<Part> parts) {

	private static final int MOST_PARTS = 64;

	private static final int MOST_REPETITIONS = 1 << 15;

	static Message random(Grammar grammar, Random random) {
		List<Part> parts = new ArrayList<>();
		for (int i = random.nextInt(4); i >= 0; i--) {
			parts.add(part(grammar, random));
		}
		return new Message(grammar, parts);
	}

	private static Part part(Grammar grammar, Random random) {
		return new Part(random.nextInt(grammar.constructs().size()), 1 << random.nextInt(12));
	}

	/** Returns a message that differs a little. */
	Message mutate(Random random) {
		List<Part> changed = new ArrayList<>(this.parts);
		int index = random.nextInt(changed.size());
		switch (random.nextInt(7)) {
			case 0 -> changed.add(index, part(this.grammar, random));
			case 1 -> changed.set(index, part(this.grammar, random));
			case 2 -> changed.add(changed.get(index));
			case 3 -> changed.addAll(List.copyOf(changed));
			case 4 -> changed.set(index, changed.get(index).times(2));
			case 5 -> changed.set(index, changed.get(index).times(0.5));
			default -> {
				if (changed.size() > 1) {
					changed.remove(index);
				}
			}
		}
		return new Message(this.grammar, changed.subList(0, Math.min(changed.size(), MOST_PARTS)));
	}

	/** Returns a message that begins like this one and ends like another one. */
	Message cross(Message other, Random random) {
		List<Part> crossed = new ArrayList<>(this.parts.subList(0, 1 + random.nextInt(this.parts.size())));
		crossed.addAll(other.parts.subList(random.nextInt(other.parts.size()), other.parts.size()));
		return new Message(this.grammar, crossed.subList(0, Math.min(crossed.size(), MOST_PARTS)));
	}

	/** Returns a message with all repetitions multiplied. */
	Message times(double factor) {
		return new Message(this.grammar, this.parts.stream().map((part) -> part.times(factor)).toList());
	}

	/** Returns the text, or an empty one if it would be longer than the bound. */
	String text(int atMost) {
		StringBuilder text = new StringBuilder(this.grammar.prefix());
		for (int i = 0; i < this.parts.size(); i++) {
			Part part = this.parts.get(i);
			Grammar.Construct construct = this.grammar.constructs().get(part.construct());
			if (text.length() + (long) construct.roughLength() * part.repetitions() > atMost) {
				return "";
			}
			text.append((i > 0) ? this.grammar.separator() : "").append(construct.make(i, part.repetitions()));
		}
		text.append(this.grammar.suffix());
		return (text.length() <= atMost) ? this.grammar.wrap(text.toString()) : "";
	}

	@Override
	public String toString() {
		return this.parts.stream()
			.map((part) -> this.grammar.constructs().get(part.construct()).name() + " x " + part.repetitions())
			.collect(Collectors.joining(", "));
	}

	/**
	 * A part of a message.
	 *
	 * @param construct the index of the construct
	 * @param repetitions how often it repeats what it consists of
	 */
	record Part(int construct, int repetitions) {

		Part times(double factor) {
			return new Part(this.construct,
					(int) Math.max(1, Math.min(MOST_REPETITIONS, Math.round(this.repetitions * factor))));
		}

	}

}
