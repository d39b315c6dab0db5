package dev.wspolicy.policy;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;

/**
 * What an upgrade policy decides about a WebSocket upgrade. Compared by value.
 */
public sealed interface UpgradeVerdict {

	/**
	 * Accepts the upgrade.
	 * @return the verdict
	 */
	static UpgradeVerdict accept() {
		return Accept.INSTANCE;
	}

	/**
	 * Accepts the upgrade, and follows it, to release what the policy has reserved for
	 * it.
	 * @param admission notified when the session opens and ends, or when it is certain
	 * that there will be none; must not block
	 * @return the verdict, for this upgrade only
	 */
	static UpgradeVerdict accept(Admission admission) {
		return new AcceptWith(new OrderedAdmission(admission));
	}

	/**
	 * Refuses the upgrade.
	 * @param status the status of the response, 400 to 599
	 * @return the verdict
	 * @throws IllegalArgumentException if the status is not that of an error
	 */
	static UpgradeVerdict refuse(HttpStatusCode status) {
		return refuse(status, HttpHeaders.EMPTY);
	}

	/**
	 * Refuses the upgrade.
	 * @param status the status of the response, 400 to 599
	 * @param headers headers of the response, such as {@code Retry-After}; copied
	 * @return the verdict
	 * @throws IllegalArgumentException if the status is not that of an error
	 */
	static UpgradeVerdict refuse(HttpStatusCode status, HttpHeaders headers) {
		return new Refuse(status, headers);
	}

	/**
	 * The verdict of {@link UpgradeVerdict#accept()}.
	 */
	enum Accept implements UpgradeVerdict {

		/**
		 * The only instance.
		 */
		INSTANCE

	}

	/**
	 * The verdict of {@link UpgradeVerdict#accept(Admission)}.
	 *
	 * @param admission each of its calls has an effect only once and in order
	 */
	record AcceptWith(Admission admission) implements UpgradeVerdict {

	}

	/**
	 * The verdict of {@link UpgradeVerdict#refuse(HttpStatusCode)}.
	 *
	 * @param status the status of the response
	 * @param headers headers of the response
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
