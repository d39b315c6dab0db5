package dev.wspolicy.policies.graphql;

import java.util.List;

import graphql.language.Document;
import graphql.language.OperationDefinition;
import graphql.language.OperationDefinition.Operation;
import graphql.parser.InvalidSyntaxException;
import graphql.parser.Parser;

/**
 * A GraphQL operation, as far as it can be known without the schema.
 *
 * @param kind whether it is a query, a mutation or a subscription
 * @param depth how many fields stand inside each other, at most
 */
record GraphQlOperation(Operation kind, int depth) {

	/**
	 * Read the operation that a document is sent for.
	 * @param text the document
	 * @param name the name of the operation, or an empty string if there is only one
	 * @return the operation
	 * @throws UnreadableQueryException if it cannot be known which operation runs, or how
	 * deep it goes
	 */
	static GraphQlOperation read(String text, String name) throws UnreadableQueryException {
		Document document = parse(text);
		List<OperationDefinition> operations = document.getDefinitionsOfType(OperationDefinition.class)
			.stream()
			.filter((operation) -> name.isEmpty() || name.equals(operation.getName()))
			.toList();
		if (operations.size() != 1) {
			throw new UnreadableQueryException("The query does not say which operation to run");
		}
		OperationDefinition operation = operations.get(0);
		int depth = new SelectionDepth(document).of(operation.getSelectionSet());
		return new GraphQlOperation(operation.getOperation(), depth);
	}

	/**
	 * Have the parser load what it reads from its jar, grammar and messages, so that no
	 * event loop waits for that.
	 */
	static void warmUp() {
		for (String query : List.of("{ a }", "{", "}",
				"query q { a ...f } fragment f on T { ... on T { b(c: \"d\") } }")) {
			try {
				read(query, "");
			}
			catch (UnreadableQueryException ex) {
				// As expected of some: their messages are loaded now.
			}
		}
	}

	private static Document parse(String text) throws UnreadableQueryException {
		try {
			// Of its own accord the parser takes neither endless nor endlessly deep
			// queries
			return Parser.parse(text);
		}
		catch (InvalidSyntaxException ex) {
			throw new UnreadableQueryException("The query is no valid GraphQL");
		}
	}

}
