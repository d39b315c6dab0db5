package dev.wspolicy.builtin.access;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import org.jspecify.annotations.Nullable;

/**
 * Measures the depth of the selections of a document. Each fragment is measured once,
 * however often it is spread. Nested selections are traversed by recursion, since the
 * parser limits nesting; fragments that spread each other are not, since their number is
 * not limited.
 */
final class SelectionDepth {

	private static final int IN_PROGRESS = -1;

	private final Map<String, FragmentDefinition> fragments = new HashMap<>();

	private final Map<String, Integer> known = new HashMap<>();

	SelectionDepth(Document document) throws UnreadableQueryException {
		for (FragmentDefinition fragment : document.getDefinitionsOfType(FragmentDefinition.class)) {
			if (this.fragments.put(fragment.getName(), fragment) != null) {
				throw new UnreadableQueryException("The query has two fragments with the same name");
			}
		}
	}

	int of(@Nullable SelectionSet selections) throws UnreadableQueryException {
		measureFragments(selections);
		return measure(selections);
	}

	/** Measures all fragments in use, each after those that it spreads. */
	private void measureFragments(@Nullable SelectionSet selections) throws UnreadableQueryException {
		Deque<String> names = new ArrayDeque<>();
		forEachSpread(selections, names::push);
		while (!names.isEmpty()) {
			String name = names.element();
			Integer depth = this.known.get(name);
			FragmentDefinition fragment = this.fragments.get(name);
			if (depth == null && fragment != null) {
				this.known.put(name, IN_PROGRESS);
				pushSpreads(fragment, names);
			}
			else {
				names.remove();
				if (depth == null || depth == IN_PROGRESS) {
					this.known.put(name, (fragment != null) ? measure(fragment.getSelectionSet()) : 0);
				}
			}
		}
	}

	private void pushSpreads(FragmentDefinition fragment, Deque<String> names) throws UnreadableQueryException {
		List<String> spread = new ArrayList<>();
		forEachSpread(fragment.getSelectionSet(), spread::add);
		for (String name : spread) {
			Integer depth = this.known.get(name);
			if (depth == null) {
				names.push(name);
			}
			else if (depth == IN_PROGRESS) {
				throw new UnreadableQueryException("The query has a fragment that spreads itself");
			}
		}
	}

	private static void forEachSpread(@Nullable SelectionSet selections, Consumer<String> action) {
		if (selections != null) {
			for (Selection<?> selection : selections.getSelections()) {
				if (selection instanceof Field field) {
					forEachSpread(field.getSelectionSet(), action);
				}
				else if (selection instanceof InlineFragment fragment) {
					forEachSpread(fragment.getSelectionSet(), action);
				}
				else if (selection instanceof FragmentSpread spread) {
					action.accept(spread.getName());
				}
			}
		}
	}

	private int measure(@Nullable SelectionSet selections) {
		int depth = 0;
		if (selections != null) {
			for (Selection<?> selection : selections.getSelections()) {
				depth = Math.max(depth, measure(selection));
			}
		}
		return depth;
	}

	private int measure(Selection<?> selection) {
		if (selection instanceof Field field) {
			return 1 + measure(field.getSelectionSet());
		}
		if (selection instanceof InlineFragment fragment) {
			return measure(fragment.getSelectionSet());
		}
		return (selection instanceof FragmentSpread spread) ? this.known.getOrDefault(spread.getName(), 0) : 0;
	}

}
