package dev.wspolicy.policy;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;

/**
 * Whether a WebSocket upgrade may go on.
 */
public sealed interface UpgradeVerdict {

	/**
	 * Let the upgrade go on.
	 * @return the verdict
	 */
	static UpgradeVerdict accept() {
		return Accept.INSTANCE;
	}

	/**
	 * Let the upgrade go on, and hear when what was accepted is over: a place that was
	 * taken can then be given back.
	 * @param over called exactly once, on any thread: when the session that comes of the
	 * upgrade has ended, or when it is certain that none will come; must not block
	 * @return the verdict, for this upgrade only
	 */
	static UpgradeVerdict accept(Runnable over) {
		return new AcceptUntil(new Once(over));
	}

	/**
	 * Refuse the upgrade.
	 * @param status the status of the answer, 400 to 599
	 * @return the verdict
	 */
	static UpgradeVerdict refuse(HttpStatusCode status) {
		return refuse(status, HttpHeaders.EMPTY);
	}

	/**
	 * Refuse the upgrade.
	 * @param status the status of the answer, 400 to 599
	 * @param headers headers of the answer, {@code Retry-After} for one; copied
	 * @return the verdict
	 */
	static UpgradeVerdict refuse(HttpStatusCode status, HttpHeaders headers) {
		return new Refuse(status, headers);
	}

	/**
	 * The verdict of {@link UpgradeVerdict#accept()}.
	 */
	enum Accept implements UpgradeVerdict {

		/**
		 * The only one.
		 */
		INSTANCE

	}

	/**
	 * The verdict of {@link UpgradeVerdict#accept(Runnable)}.
	 *
	 * @param over called once it is over
	 */
	record AcceptUntil(Runnable over) implements UpgradeVerdict {

	}

	/**
	 * The verdict of {@link UpgradeVerdict#refuse(HttpStatusCode)}.
	 *
	 * @param status the status of the answer
	 * @param headers headers of the answer
	 */
	record Refuse(HttpStatusCode status, HttpHeaders headers) implements UpgradeVerdict {

		public Refuse {
			if (!status.isError()) {
				throw new IllegalArgumentException("status: " + status.value() + " (expected: 400 to 599)");
			}
			headers = HttpHeaders.readOnlyHttpHeaders(HttpHeaders.copyOf(headers));
		}

	}

}
