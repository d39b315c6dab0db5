package dev.wspolicy.builtin.json;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.OutputFormat;
import com.networknt.schema.Schema;
import jakarta.validation.constraints.NotBlank;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.io.ResourceLoader;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

import dev.wspolicy.builtin.support.ViolationSettings;
import dev.wspolicy.builtin.support.ViolationVerdict;
import dev.wspolicy.effort.Effort;
import dev.wspolicy.effort.EffortExceededException;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.json.JsonFraming;
import dev.wspolicy.json.JsonNumbers;
import dev.wspolicy.json.JsonParts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Refuses messages that do not match a <a href="https://json-schema.org">JSON Schema</a>.
 * The reason states the location and the keyword, but discloses no values.
 */
@WsPolicy
final class JsonSchemaPolicy extends JsonPolicy {

	static final String NAME = "json-schema";

	private static final Log logger = LogFactory.getLog(JsonSchemaPolicy.class);

	private static final String CANNOT_VALIDATE = "cannot be validated";

	private final Schema schema;

	private final ExecutionConfig config;

	private final ViolationVerdict violation;

	JsonSchemaPolicy(Settings settings, ResourceLoader resources) {
		super(NAME, settings.types(), settings.framing(), settings.onInvalid());
		this.violation = settings.onViolation().verdict(NAME, CloseStatus.INVALID_PAYLOAD);
		this.schema = new SchemaReader(settings, resources).read();
		this.config = this.schema.createExecutionContext().getExecutionConfig();
		warmUp();
	}

	/** The first validation loads many classes; the event loop must not wait for that. */
	private void warmUp() {
		try {
			validate(JsonNodeFactory.instance.objectNode(), Effort.of(Duration.ofSeconds(1)));
		}
		catch (RuntimeException | StackOverflowError ex) {
			logger.debug("The schema cannot validate an empty object: " + ex.getClass().getName());
		}
	}

	@Override
	Verdict apply(JsonParts parts, Frame frame, FrameContext context, Effort effort) {
		for (JsonParts.Part part : parts.list()) {
			String error = part.message() ? firstError(part.tree(), context, effort) : null;
			if (error != null) {
				return this.violation.in(context, error);
			}
		}
		return Verdict.forward();
	}

	@Override
	Verdict exceeded(FrameContext context) {
		return this.violation.in(context, CANNOT_VALIDATE);
	}

	private @Nullable String firstError(JsonNode tree, FrameContext context, Effort effort) {
		if (JsonNumbers.areOutsized(tree)) {
			// Checking whether 1e1000000 is a multipleOf some number would take minutes
			return CANNOT_VALIDATE;
		}
		List<Error> errors;
		try {
			errors = validate(tree, effort);
		}
		catch (EffortExceededException ex) {
			throw ex;
		}
		catch (RuntimeException | StackOverflowError ex) {
			// Not logged in full, since the message of the exception may contain payload
			logger
				.debug("Session " + context.session().id() + ": cannot validate a message: " + ex.getClass().getName());
			return CANNOT_VALIDATE;
		}
		return errors.isEmpty() ? null : describe(errors.get(0));
	}

	private List<Error> validate(JsonNode tree, Effort effort) {
		MeteredExecutionContext metered = new MeteredExecutionContext(this.config, effort);
		return metered.run(() -> this.schema.validate(metered, tree, OutputFormat.DEFAULT));
	}

	private static String describe(Error error) {
		String pointer = error.getInstanceLocation().toString();
		return (pointer.isEmpty() ? "" : pointer + ": ") + error.getKeyword();
	}

	/**
	 * The settings.
	 *
	 * @param schema the resource location of the schema
	 * @param draft the draft to assume if the schema does not declare one
	 * @param formats whether to check {@code format} even if the draft does not require
	 * it
	 * @param remoteRefs whether to fetch referenced schemas over HTTP at start-up
	 * @param regex the engine for {@code pattern}
	 * @param types the types of messages to process; empty for both
	 * @param framing the framing of JSON in messages
	 * @param onViolation the response to messages that do not match the schema
	 * @param onInvalid the response to messages that are not JSON
	 */
	record Settings(@DefaultValue("") @NotBlank String schema, @DefaultValue("2020-12") String draft,
			@DefaultValue("false") boolean formats, @DefaultValue("false") boolean remoteRefs, @Nullable Regex regex,
			@DefaultValue Set<FrameType> types, @DefaultValue("json") JsonFraming framing,
			@DefaultValue ViolationSettings onViolation, @DefaultValue InvalidJsonSettings onInvalid) {

	}

	/**
	 * The regular expression engine.
	 */
	enum Regex {

		/**
		 * RE2, whose matching time is linear.
		 */
		RE2,

		/**
		 * Java's own, which supports more syntax, and is interrupted if a text causes
		 * excessive backtracking.
		 */
		JAVA

	}

}
