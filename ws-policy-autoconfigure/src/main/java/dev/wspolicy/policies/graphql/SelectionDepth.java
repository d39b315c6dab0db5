package dev.wspolicy.policies.graphql;

import java.util.HashMap;
import java.util.Map;

import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import org.jspecify.annotations.Nullable;

/**
 * How deep the selections of a document go. Each fragment is measured once, however often
 * it is spread.
 */
final class SelectionDepth {

	private static final int IN_WORK = -1;

	private final Map<String, FragmentDefinition> fragments = new HashMap<>();

	private final Map<String, Integer> known = new HashMap<>();

	SelectionDepth(Document document) throws UnreadableQueryException {
		for (FragmentDefinition fragment : document.getDefinitionsOfType(FragmentDefinition.class)) {
			if (this.fragments.put(fragment.getName(), fragment) != null) {
				throw new UnreadableQueryException("The query has two fragments of one name");
			}
		}
	}

	int of(@Nullable SelectionSet selections) throws UnreadableQueryException {
		int depth = 0;
		if (selections != null) {
			for (Selection<?> selection : selections.getSelections()) {
				depth = Math.max(depth, of(selection));
			}
		}
		return depth;
	}

	private int of(Selection<?> selection) throws UnreadableQueryException {
		if (selection instanceof Field field) {
			return 1 + of(field.getSelectionSet());
		}
		if (selection instanceof InlineFragment fragment) {
			return of(fragment.getSelectionSet());
		}
		return (selection instanceof FragmentSpread spread) ? ofFragment(spread.getName()) : 0;
	}

	private int ofFragment(String name) throws UnreadableQueryException {
		Integer depth = this.known.putIfAbsent(name, IN_WORK);
		if (depth == null) {
			FragmentDefinition fragment = this.fragments.get(name);
			depth = (fragment != null) ? of(fragment.getSelectionSet()) : 0;
			this.known.put(name, depth);
		}
		if (depth == IN_WORK) {
			throw new UnreadableQueryException("The query has a fragment that spreads itself");
		}
		return depth;
	}

}
