package dev.wspolicy.builtin.access;

import java.util.List;

import graphql.language.Document;
import graphql.language.OperationDefinition;
import graphql.language.OperationDefinition.Operation;
import graphql.parser.InvalidSyntaxException;
import graphql.parser.Parser;

/**
 * The properties of a GraphQL operation that do not depend on the schema.
 *
 * @param kind query, mutation or subscription
 * @param depth the number of fields on the longest path
 */
record GraphQlOperation(Operation kind, int depth) {

	/** Queries that people write exceed the parser's token limit earlier. */
	private static final int MAX_LENGTH = 64 * 1024;

	/** The parser accepts 100 in a number, but reads the others before it says so. */
	private static final int MAX_DIGITS = 256;

	/**
	 * Parses a document and selects the operation to run.
	 * @param text the document
	 * @param name the name of the operation, or an empty string if the document has only
	 * one
	 * @return the operation
	 * @throws UnreadableQueryException if the operation or its depth cannot be determined
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
	 * Makes the parser load its grammar and messages, so that the event loop does not
	 * wait for that.
	 */
	static void warmUp() {
		for (String query : List.of("{ a }", "{", "}",
				"query q { a ...f } fragment f on T { ... on T { b(c: \"d\") } }")) {
			try {
				read(query, "");
			}
			catch (UnreadableQueryException ex) {
				// Expected: loads the messages of the parser
			}
		}
	}

	/** Parsing a number takes quadratic time. */
	private static boolean hasLongNumber(String text) {
		int digits = 0;
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			digits = (character >= '0' && character <= '9') ? digits + 1 : 0;
			if (digits > MAX_DIGITS) {
				return true;
			}
		}
		return false;
	}

	private static Document parse(String text) throws UnreadableQueryException {
		if (text.length() > MAX_LENGTH) {
			// The parser takes quadratic time, for instance for the lines of a block
			// string
			throw new UnreadableQueryException("The query is longer than " + MAX_LENGTH + " characters");
		}
		if (hasLongNumber(text)) {
			throw new UnreadableQueryException("The query has more than " + MAX_DIGITS + " digits in a row");
		}
		try {
			// The parser itself limits the number of tokens and the nesting
			return Parser.parse(text);
		}
		catch (InvalidSyntaxException | ArithmeticException | NumberFormatException ex) {
			// The latter two are thrown for a number whose exponent is out of range
			throw new UnreadableQueryException("The query is not valid GraphQL");
		}
	}

}
