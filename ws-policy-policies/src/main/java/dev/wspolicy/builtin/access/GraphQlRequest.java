package dev.wspolicy.builtin.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

import tools.jackson.databind.JsonNode;

/**
 * A request to run an operation, provided that it is unambiguous: it contains the
 * document itself, and no other member could make the upstream run another one.
 *
 * @param query the document
 * @param operationName the name of the operation, or an empty string
 */
record GraphQlRequest(String query, String operationName) {

	private static final String QUERY = "query";

	private static final String OPERATION_NAME = "operationName";

	private static final String EXTENSIONS = "extensions";

	private static final String PERSISTED_QUERY = "persistedQuery";

	private static final String HASH = "sha256Hash";

	/**
	 * The members of a request; any other could identify a stored document.
	 */
	private static final Set<String> MEMBERS = Set.of(QUERY, OPERATION_NAME, "variables", EXTENSIONS);

	/** The members by which servers identify stored documents, in lower case. */
	private static final Set<String> STORED = Set.of("persistedquery", "persistedqueryid", "persistedoperation",
			"documentid", "document_id", "documenthash", "docid", "doc_id", "queryid", "query_id", "queryhash",
			"operationid", "operation_id", "operationhash", "sha256hash", "sha256", "hash", "id", "key", "query");

	/**
	 * Reads a request.
	 * @param payload the payload of the message that begins an operation
	 * @param others additional members to accept
	 * @return the request
	 * @throws UnreadableQueryException if the upstream may run another document
	 */
	static GraphQlRequest read(JsonNode payload, Set<String> others) throws UnreadableQueryException {
		JsonNode query = payload.path(QUERY);
		if (!query.isString()) {
			throw new UnreadableQueryException("The query is missing");
		}
		for (String member : payload.propertyNames()) {
			if (!MEMBERS.contains(member) && !others.contains(member)) {
				throw new UnreadableQueryException(
						"Only " + OPERATION_NAME + ", variables and " + EXTENSIONS + " may accompany a query");
			}
		}
		JsonNode name = payload.path(OPERATION_NAME);
		if (!name.isString() && !name.isNull() && !name.isMissingNode()) {
			throw new UnreadableQueryException("The " + OPERATION_NAME + " is not a string");
		}
		check(payload.path(EXTENSIONS), query.stringValue());
		return new GraphQlRequest(query.stringValue(), name.isString() ? name.stringValue() : "");
	}

	private static void check(JsonNode extensions, String query) throws UnreadableQueryException {
		if (!extensions.isObject() && !extensions.isNull() && !extensions.isMissingNode()) {
			throw new UnreadableQueryException("The " + EXTENSIONS + " are not an object");
		}
		for (String member : extensions.propertyNames()) {
			boolean same = member.equals(PERSISTED_QUERY) && isHashOf(extensions.path(member), query);
			if (!same && STORED.stream().anyMatch(member::equalsIgnoreCase)) {
				throw new UnreadableQueryException("No other document may accompany a query");
			}
		}
	}

	/** Whether a persisted query is the given query. */
	private static boolean isHashOf(JsonNode persisted, String query) {
		Set<String> members = Set.copyOf(persisted.propertyNames());
		return Set.of("version", HASH).containsAll(members) && persisted.path("version").asInt(1) == 1
				&& sha256(query).equals(persisted.path(HASH).asString(""));
	}

	private static String sha256(String text) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("SHA-256 is not available", ex);
		}
	}

}
