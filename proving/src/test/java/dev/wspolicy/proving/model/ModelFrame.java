package dev.wspolicy.proving.model;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.Granularity;

/** A frame, and the policy that sees it next. */
final class ModelFrame {

	final String type;

	final String text;

	final boolean fin;

	boolean first;

	@Nullable Granularity granularity;

	int next;

	ModelFrame(String type, String text, boolean fin) {
		this.type = type;
		this.text = text;
		this.fin = fin;
	}

	ModelFrame replacedBy(String text) {
		ModelFrame frame = new ModelFrame(this.type, text, this.fin);
		frame.first = this.first;
		frame.granularity = this.granularity;
		frame.next = this.next;
		return frame;
	}

}
