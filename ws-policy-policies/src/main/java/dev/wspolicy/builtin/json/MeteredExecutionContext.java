package dev.wspolicy.builtin.json;

import java.util.function.Supplier;

import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.SchemaException;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.effort.Effort;
import dev.wspolicy.effort.EffortExceededException;

/**
 * Limits the effort of a validation. Reports each keyword that is evaluated, and the work
 * of keywords that traverse a value themselves. A recursive schema may branch at each
 * level of a message, so the length of a message does not bound the time of its
 * validation.
 */
final class MeteredExecutionContext extends ExecutionContext {

	/** The cost of evaluating a keyword, in steps of {@link Effort}. */
	private static final int STEPS_PER_KEYWORD = 64;

	/**
	 * The maximum length of the evaluation path. The validator recurses for each part of
	 * the path, and a message is at most 500 levels deep.
	 */
	private static final int MAX_DEPTH = 2_000;

	/** For regular expressions, which the validator calls without a context. */
	private static final ThreadLocal<@Nullable Effort> CURRENT = new ThreadLocal<>();

	private final Effort effort;

	private int depth;

	MeteredExecutionContext(ExecutionConfig config, Effort effort) {
		super(config);
		this.effort = effort;
	}

	/** Runs a validation on the calling thread. */
	<T> T run(Supplier<T> validation) {
		CURRENT.set(this.effort);
		try {
			return validation.get();
		}
		catch (SchemaException ex) {
			throw (ex.getCause() instanceof EffortExceededException exceeded) ? exceeded : ex;
		}
		finally {
			CURRENT.remove();
		}
	}

	/**
	 * Returns the effort of the validation on this thread, or {@code null} if none is
	 * running.
	 */
	static @Nullable Effort current() {
		return CURRENT.get();
	}

	static void spend(ExecutionContext context, long steps) {
		if (context instanceof MeteredExecutionContext metered) {
			metered.effort.spend(steps);
		}
	}

	@Override
	public void evaluationPathAddLast(String token) {
		enter();
		super.evaluationPathAddLast(token);
	}

	@Override
	public void evaluationPathAddLast(int token) {
		enter();
		super.evaluationPathAddLast(token);
	}

	private void enter() {
		this.effort.spend(STEPS_PER_KEYWORD);
		if (this.depth >= MAX_DEPTH) {
			throw new SchemaException("too deep");
		}
		this.depth++;
	}

	@Override
	public void evaluationPathRemoveLast() {
		this.depth--;
		super.evaluationPathRemoveLast();
	}

}
