package dev.wspolicy.gateway;

import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.util.MultiValueMap;

/**
 * An immutable, compact copy of HTTP headers for the lifetime of a session. A single
 * array takes the place of the maps, nodes and lists that Spring's own headers consist
 * of, which would account for most of the memory of an idle session. Lookups by name are
 * case-insensitive and linear. Every mutating method throws
 * {@link UnsupportedOperationException}.
 */
final class CompactHeaders extends AbstractMap<String, List<String>> implements MultiValueMap<String, String> {

	private static final WeakInterner<String> TEXTS = WeakInterner.ofStrings();

	private static final WeakInterner<CompactHeaders> SHARED = new WeakInterner<>(
			(headers) -> Arrays.hashCode(headers.fields),
			(headers, others) -> Arrays.equals(headers.fields, others.fields));

	/** Alternating names and values, in the order in which they arrived. */
	private final String[] fields;

	private final HttpHeaders asHttpHeaders = new HttpHeaders(this);

	private CompactHeaders(String[] fields) {
		this.fields = fields;
	}

	/**
	 * Create a compact copy of the headers of a handshake.
	 * @param headers the headers to copy
	 * @return an immutable copy
	 */
	static HttpHeaders of(HttpHeaders headers) {
		return headers.isEmpty() ? HttpHeaders.EMPTY : copy(headers, (name) -> true).asHttpHeaders;
	}

	/**
	 * Create a compact copy of the headers of a handshake for the session that it opens.
	 * The copy leaves out the nonces, which serve nothing but the handshake. Sessions
	 * whose other headers are the same share one copy.
	 * @param headers the headers to copy
	 * @return an immutable copy, possibly that of another session
	 */
	static HttpHeaders ofSession(HttpHeaders headers) {
		return SHARED.intern(copy(headers, (name) -> !HandshakeRules.isNonce(name))).asHttpHeaders;
	}

	private static CompactHeaders copy(HttpHeaders headers, Predicate<String> names) {
		List<String> fields = new ArrayList<>();
		headers.forEach((name, values) -> {
			if (names.test(name)) {
				values.forEach((value) -> add(fields, name, value));
			}
		});
		return new CompactHeaders(fields.toArray(new String[0]));
	}

	private static void add(List<String> fields, String name, String value) {
		fields.add(TEXTS.intern(name));
		// A nonce is different in each handshake, so interning it would be wasted work.
		fields.add(HandshakeRules.isNonce(name) ? value : TEXTS.intern(value));
	}

	@Override
	public @Nullable String getFirst(String name) {
		for (int i = 0; i < this.fields.length; i += 2) {
			if (this.fields[i].equalsIgnoreCase(name)) {
				return this.fields[i + 1];
			}
		}
		return null;
	}

	@Override
	public @Nullable List<String> get(@Nullable Object name) {
		List<String> values = new ArrayList<>(1);
		for (int i = 0; i < this.fields.length; i += 2) {
			if (name instanceof String text && this.fields[i].equalsIgnoreCase(text)) {
				values.add(this.fields[i + 1]);
			}
		}
		return values.isEmpty() ? null : Collections.unmodifiableList(values);
	}

	@Override
	public boolean containsKey(@Nullable Object name) {
		return name instanceof String text && getFirst(text) != null;
	}

	@Override
	public Set<Entry<String, List<String>>> entrySet() {
		Map<String, String> names = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		Map<String, List<String>> entries = new LinkedHashMap<>();
		for (int i = 0; i < this.fields.length; i += 2) {
			String name = names.computeIfAbsent(this.fields[i], (first) -> first);
			entries.computeIfAbsent(name, (first) -> new ArrayList<>(1)).add(this.fields[i + 1]);
		}
		entries.replaceAll((name, values) -> Collections.unmodifiableList(values));
		return Collections.unmodifiableMap(entries).entrySet();
	}

	/** Also of a name in another case, which {@link AbstractMap} would not find. */
	@Override
	public @Nullable List<String> remove(@Nullable Object name) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Map<String, String> toSingleValueMap() {
		Map<String, String> values = new LinkedHashMap<>();
		forEach((name, all) -> values.put(name, all.get(0)));
		return values;
	}

	@Override
	public void add(String name, @Nullable String value) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void addAll(String name, List<? extends String> values) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void addAll(MultiValueMap<String, String> values) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void set(String name, @Nullable String value) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void setAll(Map<String, String> values) {
		throw new UnsupportedOperationException();
	}

}
