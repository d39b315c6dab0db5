package dev.wspolicy.relay;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;

/**
 * Records what a tap is told.
 */
final class RecordingTap implements RelayTap {

	private final List<String> told = new ArrayList<>();

	String closeAt = "nothing";

	Runnable close = () -> {
	};

	long nanos;

	List<String> taken() {
		List<String> taken = List.copyOf(this.told);
		this.told.clear();
		return taken;
	}

	@Override
	public void onOutcome(Direction direction, Origin origin, Frame frame, Outcome outcome, @Nullable String policy,
			List<ObservedVerdict> observed, long nanos) {
		this.nanos = nanos;
		tell(direction, origin, frame, outcome, policy, observed);
	}

	@Override
	public void onObserved(ObservedVerdict verdict) {
		tell(shown(verdict));
	}

	@Override
	public void onMade(Side side, Origin origin, @Nullable String policy, Frame frame) {
		tell(side.peer().sends(), origin, frame, Outcome.NONE, policy, List.of());
	}

	private void tell(Direction direction, Origin origin, Frame frame, Outcome outcome, @Nullable String policy,
			List<ObservedVerdict> observed) {
		String record = String.join(" ", lowerCase(direction), lowerCase(origin), ScriptFrame.of(frame).toString(),
				lowerCase(outcome), String.valueOf(policy));
		for (ObservedVerdict verdict : observed) {
			record += ", " + shown(verdict);
		}
		tell(record);
	}

	private void tell(String record) {
		this.told.add(record);
		if (record.contains(this.closeAt)) {
			this.close.run();
		}
	}

	private static String shown(ObservedVerdict verdict) {
		return "would " + lowerCase(verdict.kind()) + " " + verdict.policy();
	}

	private static String lowerCase(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT);
	}

}
