package dev.wspolicy.policy;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import dev.wspolicy.session.ProxiedSession;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The order of the calls that the admission of a verdict receives.
 */
class OrderedAdmissionTests {

	private final List<String> calls = new ArrayList<>();

	private final ProxiedSession session = Mockito.mock(ProxiedSession.class);

	private Admission admission;

	@BeforeEach
	void accept() {
		Admission recorder = new Admission() {

			@Override
			public void onOpen(ProxiedSession session) {
				OrderedAdmissionTests.this.calls.add("open");
			}

			@Override
			public void onPrincipal(ProxiedSession session) {
				OrderedAdmissionTests.this.calls.add("principal");
			}

			@Override
			public void onEnd() {
				OrderedAdmissionTests.this.calls.add("end");
			}

		};
		this.admission = ((UpgradeVerdict.AcceptWith) UpgradeVerdict.accept(recorder)).admission();
	}

	@Test
	void opensAndEndsOnce() {
		this.admission.onOpen(this.session);
		this.admission.onOpen(this.session);
		this.admission.onPrincipal(this.session);
		this.admission.onPrincipal(this.session);
		this.admission.onEnd();
		this.admission.onEnd();
		assertThat(this.calls).containsExactly("open", "principal", "principal", "end");
	}

	@Test
	void nothingFollowsTheEnd() {
		this.admission.onEnd();
		this.admission.onOpen(this.session);
		this.admission.onPrincipal(this.session);
		assertThat(this.calls).containsExactly("end");
	}

	@Test
	void principalOfASessionThatHasNotOpenedIsNotTold() {
		this.admission.onPrincipal(this.session);
		assertThat(this.calls).isEmpty();
	}

}
