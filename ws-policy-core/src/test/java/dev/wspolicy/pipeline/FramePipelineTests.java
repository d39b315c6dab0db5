package dev.wspolicy.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.FramePipeline.Cursor;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The loop that shows a frame to policies, and how they are sorted.
 */
class FramePipelineTests {

	private static final Frame TEXT = TextFrame.of("x");

	private final FrameContext context = Mockito.mock(FrameContext.class);

	private final List<String> asked = new ArrayList<>();

	private PolicyBinding binding(String name, Verdict verdict) {
		return PolicyBinding.of(name, (frame, context) -> {
			assertThat(context).isSameAs(this.context);
			this.asked.add(name);
			return verdict;
		});
	}

	private Verdict run(FramePipeline pipeline, Frame frame, Cursor cursor) {
		return pipeline.run(frame, frame.type(), cursor, this.context, new long[pipeline.bindings().size()]);
	}

	@Test
	void asksInOrderUntilOneDoesNotForward() {
		Verdict drop = Verdict.drop();
		FramePipeline pipeline = new FramePipeline(List.of(binding("a", Verdict.forward()),
				binding("b", Verdict.forward()), binding("c", drop), binding("d", Verdict.forward())));
		Cursor cursor = new Cursor();
		assertThat(run(pipeline, TEXT, cursor)).isSameAs(drop);
		assertThat(this.asked).containsExactly("a", "b", "c");
		assertThat(pipeline.asked(cursor).name()).isEqualTo("c");
		assertThat(cursor.asked()).isEqualTo(2);
	}

	@Test
	void goesOnBehindThePolicyThatWasAskedLast() {
		FramePipeline pipeline = new FramePipeline(
				List.of(binding("a", Verdict.drop()), binding("b", Verdict.drop()), binding("c", Verdict.forward())));
		Cursor cursor = new Cursor();
		run(pipeline, TEXT, cursor);
		Cursor other = new Cursor();
		other.moveTo(cursor);
		run(pipeline, TEXT, other);
		assertThat(run(pipeline, TEXT, other)).isEqualTo(Verdict.forward());
		assertThat(run(pipeline, TEXT, other)).isEqualTo(Verdict.forward());
		assertThat(this.asked).containsExactly("a", "b", "c");
		assertThat(pipeline.asked(cursor).name()).isEqualTo("a");
	}

	@Test
	void countsWhatEachPolicyForwards() {
		FramePipeline pipeline = new FramePipeline(List.of(binding("a", Verdict.forward()),
				binding("b", Verdict.forward()).types(FrameType.PONG), binding("c", Verdict.drop())));
		long[] forwarded = new long[3];
		pipeline.run(TEXT, FrameType.TEXT, new Cursor(), this.context, forwarded);
		pipeline.run(TEXT, FrameType.TEXT, new Cursor(), this.context, forwarded);
		assertThat(forwarded).containsExactly(2, 0, 0);
	}

	@Test
	void forwardsWhereNobodyIsAsked() {
		assertThat(run(FramePipeline.EMPTY, TEXT, new Cursor())).isEqualTo(Verdict.forward());
	}

	@Test
	void handsOnNull() {
		assertThat(run(new FramePipeline(List.of(binding("a", null))), TEXT, new Cursor())).isNull();
	}

	@Test
	void asksOnlyPoliciesThatWantTheType() {
		FramePipeline pipeline = new FramePipeline(List.of(binding("text", Verdict.forward()).types(FrameType.TEXT),
				binding("binary", Verdict.forward()).types(FrameType.BINARY),
				binding("control", Verdict.forward()).types(FrameType.PING, FrameType.CLOSE),
				binding("data", Verdict.forward())));
		run(pipeline, TEXT, new Cursor());
		run(pipeline, BinaryFrame.of(new byte[0]), new Cursor());
		run(pipeline, PingFrame.of(new byte[0]), new Cursor());
		assertThat(this.asked).containsExactly("text", "data", "binary", "data", "control");
	}

	@Test
	void observerIsToldOfEachPolicyAndItsAnswer() {
		FramePipeline pipeline = new FramePipeline(List.of(binding("a", Verdict.forward()),
				binding("b", Verdict.forward()).types(FrameType.PONG), binding("c", Verdict.drop())));
		List<Object> observed = new ArrayList<>();
		pipeline.run(TEXT, TEXT.type(), new Cursor(), this.context, new long[3], new FramePipeline.Observer() {

			@Override
			public void onShow(PolicyBinding binding) {
				observed.add(binding.name());
			}

			@Override
			public void onAnswer(@Nullable Verdict verdict) {
				observed.add(Objects.requireNonNull(verdict));
			}

		});
		assertThat(observed).containsExactly("a", Verdict.forward(), "c", Verdict.drop());
	}

	@Test
	void knowsWhichTypesAreWanted() {
		FramePipeline pipeline = new FramePipeline(List.of(binding("a", Verdict.forward()).types(FrameType.TEXT),
				binding("b", Verdict.forward()).types(FrameType.PONG)));
		for (FrameType type : FrameType.values()) {
			assertThat(pipeline.wants(type)).isEqualTo(type == FrameType.TEXT || type == FrameType.PONG);
			assertThat(FramePipeline.EMPTY.wants(type)).isFalse();
		}
	}

	@Test
	void sortsPoliciesByWhatTheyAreShown() {
		DirectionPipeline pipeline = DirectionPipeline
			.of(List.of(binding("message", Verdict.forward()).types(FrameType.TEXT, FrameType.CLOSE),
					binding("frame", Verdict.forward()).types(FrameType.BINARY, FrameType.PING)
						.granularity(Granularity.FRAME)));
		assertThat(pipeline.frames().wants(FrameType.BINARY)).isTrue();
		assertThat(pipeline.frames().wants(FrameType.TEXT)).isFalse();
		assertThat(pipeline.messages().wants(FrameType.TEXT)).isTrue();
		assertThat(pipeline.messages().wants(FrameType.BINARY)).isFalse();
		assertThat(pipeline.control().wants(FrameType.CLOSE)).isTrue();
		assertThat(pipeline.control().wants(FrameType.PING)).isTrue();
		assertThat(pipeline.control().wants(FrameType.PONG)).isFalse();
		run(pipeline.frames(), BinaryFrame.of(new byte[0]), new Cursor());
		run(pipeline.messages(), TEXT, new Cursor());
		assertThat(this.asked).containsExactly("frame", "message");
	}

	@Test
	void emptyDirectionWantsNothing() {
		for (FrameType type : FrameType.values()) {
			assertThat(DirectionPipeline.EMPTY.frames().wants(type)).isFalse();
			assertThat(DirectionPipeline.EMPTY.messages().wants(type)).isFalse();
			assertThat(DirectionPipeline.EMPTY.control().wants(type)).isFalse();
		}
	}

}
