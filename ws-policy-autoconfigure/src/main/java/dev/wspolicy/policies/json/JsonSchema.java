package dev.wspolicy.policies.json;

import java.util.List;
import java.util.Set;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import jakarta.validation.constraints.NotBlank;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.io.ResourceLoader;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policies.OnViolation;
import dev.wspolicy.policies.Refusal;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Refuses messages that do not fit a <a href="https://json-schema.org">JSON Schema</a>.
 * Says where and by which keyword, and nothing of what stands there.
 */
@WsPolicy
final class JsonSchema extends JsonPolicy {

	static final String NAME = "json-schema";

	private static final Log logger = LogFactory.getLog(JsonSchema.class);

	private static final String NO_JUDGEMENT = "cannot be validated";

	/** How many zeros a number may stand for, and how many more all of a message. */
	private static final int FEW_ZEROS = 50;

	private static final int MOST_ZEROS = 5_000;

	private final Schema schema;

	private final Refusal refusal;

	JsonSchema(Settings settings, ResourceLoader resources) {
		super(NAME, settings.types(), settings.onInvalid());
		this.refusal = settings.onViolation().refusal(NAME, CloseStatus.INVALID_PAYLOAD);
		this.schema = new SchemaReader(settings, resources).read();
	}

	@Override
	Verdict apply(JsonNode tree, Frame frame, FrameContext context) {
		String error = firstError(tree, context);
		return (error != null) ? this.refusal.in(context, error) : Verdict.forward();
	}

	private @Nullable String firstError(JsonNode tree, FrameContext context) {
		if (zeros(tree) > MOST_ZEROS) {
			return NO_JUDGEMENT;
		}
		List<Error> errors;
		try {
			errors = this.schema.validate(tree);
		}
		catch (RuntimeException ex) {
			// What a schema cannot judge does not fit it; the message may say what it is.
			logger.debug("Session " + context.session().id() + ": no judgement, " + ex.getClass().getName());
			return NO_JUDGEMENT;
		}
		return errors.isEmpty() ? null : describe(errors.get(0));
	}

	/**
	 * How many zeros the numbers of a message stand for, beyond a few. To tell whether
	 * 1e1000000 is a {@code multipleOf} something would take minutes.
	 */
	private static long zeros(JsonNode node) {
		if (node.isBigDecimal()) {
			return Math.max(0, Math.abs((long) node.decimalValue().scale()) - FEW_ZEROS);
		}
		long zeros = 0;
		for (JsonNode child : node) {
			zeros += zeros(child);
		}
		return zeros;
	}

	private static String describe(Error error) {
		String pointer = error.getInstanceLocation().toString();
		return (pointer.isEmpty() ? "" : pointer + ": ") + error.getKeyword();
	}

	/**
	 * The settings.
	 *
	 * @param schema the location of the schema, as Spring knows resources
	 * @param draft the draft of a schema that does not name its own
	 * @param formats whether {@code format} is checked, whatever the draft says
	 * @param remoteRefs whether schemas may be fetched over HTTP at start-up
	 * @param regex whose expressions {@code pattern} takes
	 * @param types the types of messages that are looked at; empty for both
	 * @param onViolation what to do with a message that does not fit
	 * @param onInvalid what to do with a message that is not JSON
	 */
	record Settings(@DefaultValue("") @NotBlank String schema, @DefaultValue("2020-12") String draft,
			@DefaultValue("false") boolean formats, @DefaultValue("false") boolean remoteRefs, @Nullable Regex regex,
			@DefaultValue Set<FrameType> types, @DefaultValue OnViolation onViolation,
			@DefaultValue OnInvalid onInvalid) {

	}

	/**
	 * Whose expressions a schema is written in.
	 */
	enum Regex {

		/**
		 * RE2's, whose time grows with the length of the text only.
		 */
		RE2,

		/**
		 * Java's, which know more, and which some texts make hang.
		 */
		JAVA

	}

}
