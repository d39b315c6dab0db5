package dev.wspolicy.test;

import java.nio.file.Path;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.recording.InvalidRecordingException;
import dev.wspolicy.recording.RecordingReader;

/**
 * Replays a recording through two pipelines, and reports which messages they treat
 * differently:
 *
 * <pre class="code">
 * ReplayReport report = PolicyTester.replay(Path.of("chat.jsonl"))
 *     .through(PipelineTester.fromYaml(current).pipeline("chat"))
 *     .comparedWith(PipelineTester.fromYaml(next).pipeline("chat"));
 * assertThat(report.differences()).isEmpty();
 * </pre>
 *
 * Each recorded session is opened in both pipelines, on the engine that serves the
 * gateway. Its peers send what they have sent, at the recorded times of a virtual clock
 * that both pipelines have for themselves. Upgrade policies are not asked. The recording
 * is read once and not kept in memory. Requires Jackson. Not thread-safe.
 */
public final class Replay {

	private final Path recording;

	private @Nullable ReplayedPipeline baseline;

	private @Nullable String pipeline;

	private boolean filler;

	Replay(Path recording) {
		this.recording = recording;
	}

	/**
	 * Sets the pipeline to compare with another one: usually the current one.
	 * @param pipeline the pipeline, with the request for what is not recorded of it
	 * @return this replay
	 */
	public Replay through(PipelineTester pipeline) {
		this.baseline = pipeline.replayed();
		return this;
	}

	/**
	 * Sets the policies to compare with others: usually the current ones.
	 * @param policies the policies, with the request for what is not recorded of it
	 * @return this replay
	 */
	public Replay through(PolicyTester policies) {
		this.baseline = policies.replayed();
		return this;
	}

	/**
	 * Replays only the sessions that were recorded in one pipeline. By default, all are
	 * replayed.
	 * @param pipeline the name of the pipeline of the recorded gateway
	 * @return this replay
	 */
	public Replay recordedIn(String pipeline) {
		this.pipeline = pipeline;
		return this;
	}

	/**
	 * Replays messages whose payload is missing, too: with a meaningless payload of the
	 * recorded length. By default, such messages are skipped. Use it for policies that do
	 * not read payloads, such as {@code size-limit}, {@code allowed-types} and
	 * {@code rate-limit}.
	 * @return this replay
	 */
	public Replay fillMissingPayloads() {
		this.filler = true;
		return this;
	}

	/**
	 * Runs the recording through both pipelines.
	 * @param pipeline the other pipeline: usually the next one
	 * @return the report
	 * @throws IllegalStateException if {@code through} has not been called
	 * @throws InvalidRecordingException if a line cannot be read
	 */
	public ReplayReport comparedWith(PipelineTester pipeline) {
		return run(pipeline.replayed());
	}

	/**
	 * Runs the recording through both pipelines.
	 * @param policies the other policies: usually the next ones
	 * @return the report
	 * @throws IllegalStateException if {@code through} has not been called
	 * @throws InvalidRecordingException if a line cannot be read
	 */
	public ReplayReport comparedWith(PolicyTester policies) {
		return run(policies.replayed());
	}

	private ReplayReport run(ReplayedPipeline candidate) {
		if (this.baseline == null) {
			throw new IllegalStateException("nothing to compare with (expected: a call of 'through' before)");
		}
		ReplayTally tally = new ReplayTally(Objects.toString(this.recording));
		try (RecordingReader reader = RecordingReader.open(this.recording);
				ReplayRun run = new ReplayRun(new ReplayLane(this.baseline), new ReplayLane(candidate), this.pipeline,
						this.filler, tally)) {
			run.play(reader);
		}
		return tally.report();
	}

}
